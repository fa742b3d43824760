import { resolveEndpoints, templateOf } from "@s2-dev/streamstore-core/client";
import { checkInput, guarded } from "./errors.js";

const DEFAULT_ACCOUNT = "a.s2.dev";
const DEFAULT_BASIN = "{basin}.b.s2.dev";

/** Where the service is: both, or neither. */
export interface S2EndpointsInit {
  /** Host, host:port or URL. Default `a.s2.dev`. */
  account?: string | undefined;
  /** Host, host:port or URL; `{basin}` stands for the basin's name. Default `{basin}.b.s2.dev`. */
  basin?: string | undefined;
}

/** An endpoint that may have the basin's name in it. */
export interface EndpointTemplate {
  /** As it was given. */
  readonly raw: string;
  /** The address, with the basin's name in its place. */
  baseUrl(basin?: string): string;
}

/** Where the service is. */
export class S2Endpoints {
  /** Where calls of the account go. */
  readonly account: EndpointTemplate;
  /** Where calls of basins go. */
  readonly basin: EndpointTemplate;
  /** Whether a basin endpoint was given, so that requests must name their basin. */
  readonly includeBasinHeader: boolean;

  constructor(init: S2EndpointsInit = {}) {
    checkInput(init, "endpoints");
    const { account = DEFAULT_ACCOUNT, basin = DEFAULT_BASIN } = init;
    const { accountUrl, basinUrl } = guarded(() => ({
      accountUrl: resolveEndpoints({ endpoints: { account, basin } }).accountBaseUrl,
      basinUrl: templateOf(basin, "endpoints.basin"),
    }));
    this.account = { raw: account, baseUrl: () => accountUrl };
    this.basin = { raw: basin, baseUrl: (name = "") => guarded(() => basinUrl(name)) };
    this.includeBasinHeader = init.basin !== undefined;
  }

  /** Address of the calls of the account. */
  accountBaseUrl(): string {
    return this.account.baseUrl();
  }

  /** Address of the calls of a basin. */
  basinBaseUrl(basin: string): string {
    return this.basin.baseUrl(basin);
  }
}

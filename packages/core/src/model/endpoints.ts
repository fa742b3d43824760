import { invalidArgument } from "../error/make.js";
import { checkObject, refused } from "./checks.js";
import { checkBasinName } from "./names.js";

/** Where the service is: each a host, host:port or URL. */
export interface EndpointNames {
  /** Account endpoint, for basins, access tokens, metrics and locations. Default `https://a.s2.dev/v1`. */
  readonly account?: string | undefined;
  /** Basin endpoint, for streams and records; `{basin}` in host or path stands for the basin's name. Default `https://{basin}.b.s2.dev/v1`. */
  readonly basin?: string | undefined;
}

/**
 * Where the service is, in one of two spellings. Account and basin endpoint are configured together or not at all.
 * Scheme `https` and path `/v1` are added where they are missing.
 */
export interface EndpointOptions {
  /** The server to use. Default: that of the hosted service. */
  readonly endpoints?: EndpointNames | undefined;
  /** The older spelling of `endpoints.account`. */
  readonly baseUrl?: string | undefined;
  /** The older spelling of `endpoints.basin`. */
  readonly makeBasinBaseUrl?: ((basin: string) => string) | undefined;
}

/** The environment variables that name endpoints, read by whoever may look at an environment. */
export interface EndpointEnvironment {
  /** Where the calls of the account go; needs the other one. */
  readonly S2_ACCOUNT_ENDPOINT?: string | undefined;
  /** Where the calls of basins go, with `{basin}` for the name; needs the other one. */
  readonly S2_BASIN_ENDPOINT?: string | undefined;
}

/** Resolved endpoints. Base URLs carry no slash at the end. */
export interface Endpoints {
  readonly accountBaseUrl: string;
  /** Base URL of a basin's streams. Throws `INVALID_ARGUMENT` for what cannot be a basin's name. */
  basinBaseUrl(basin: string): string;
  /** Whether requests to a basin name it in `s2-basin`: always when a basin endpoint was configured. */
  readonly sendBasinHeader: boolean;
}

const DEFAULT_ACCOUNT = "https://a.s2.dev/v1";
/** Where the hosted service has its basins. */
export const DEFAULT_BASIN = "https://{basin}.b.s2.dev/v1";
const PLACEHOLDER = "{basin}";
const SAMPLE_BASIN = "sample-basin";

/** An option or variable, and what it was given. */
type Source = readonly [name: string, value: unknown];

/**
 * Resolves endpoints. Options win over the environment as a pair: with any of them given the environment is not
 * looked at, so that an account endpoint given by option never meets a stranger's basin endpoint.
 * Throws `INVALID_ARGUMENT` naming the option.
 */
export function resolveEndpoints(
  { endpoints, baseUrl, makeBasinBaseUrl }: EndpointOptions = {},
  environment: EndpointEnvironment = {},
): Endpoints {
  if (endpoints !== undefined) checkObject(endpoints, "endpoints");
  const configured =
    pairOf(
      oneOf(["endpoints.account", endpoints?.account], ["baseUrl", baseUrl]),
      oneOf(["endpoints.basin", endpoints?.basin], ["makeBasinBaseUrl", makeBasinBaseUrl]),
    ) ??
    // An empty variable counts as none, as a shell has it.
    pairOf(
      ["S2_ACCOUNT_ENDPOINT", environment.S2_ACCOUNT_ENDPOINT || undefined],
      ["S2_BASIN_ENDPOINT", environment.S2_BASIN_ENDPOINT || undefined],
    );
  const [account, basin] = configured ?? [
    ["endpoints.account", DEFAULT_ACCOUNT],
    ["endpoints.basin", DEFAULT_BASIN],
  ];
  const basinBaseUrl = basinUrlsOf(basin);
  return {
    accountBaseUrl: parseEndpoint(account[1], account[0]),
    basinBaseUrl(name) {
      checkBasinName(name);
      return basinBaseUrl(name);
    },
    sendBasinHeader: configured !== undefined,
  };
}

export type BasinBaseUrl = (basin: string) => string;

/** The one of two spellings that is given. */
function oneOf(newer: Source, older: Source): Source {
  if (newer[1] !== undefined && older[1] !== undefined)
    throw invalidArgument(`${older[0]} and ${newer[0]} name the same endpoint: give one of them`);
  return newer[1] === undefined ? older : newer;
}

/** Both endpoints; `undefined` when neither is given. */
function pairOf(account: Source, basin: Source): readonly [account: Source, basin: Source] | undefined {
  if (account[1] !== undefined && basin[1] !== undefined) return [account, basin];
  if (account[1] === basin[1]) return undefined;
  const [given, missing] = account[1] === undefined ? [basin, "account"] : [account, "basin"];
  // What is wrong with the one that is given comes first.
  if (given === basin) basinUrlsOf(basin);
  else parseEndpoint(account[1], account[0]);
  throw invalidArgument(
    `${given[0]} configures one endpoint only: the ${missing} endpoint must be configured too, or neither`,
  );
}

function basinUrlsOf([name, value]: Source): BasinBaseUrl {
  if (name !== "makeBasinBaseUrl") return templateOf(value, name);
  if (typeof value !== "function") throw refused(name, "be a function of the basin's name", value);
  return (basin) => parseEndpoint(value(basin), `${name}("${basin}")`);
}

/**
 * The base URL of each basin by a template with `{basin}`; `source` is what an error calls it. Parsed with a sample name
 * at once, so that a bad template fails where it is given. Throws `INVALID_ARGUMENT`.
 */
export function templateOf(template: unknown, source: string): BasinBaseUrl {
  const fill = (basin: string): string =>
    parseEndpoint(typeof template === "string" ? template.replaceAll(PLACEHOLDER, basin) : template, source);
  fill(SAMPLE_BASIN);
  return fill;
}

/** The base URL that an endpoint stands for, without a slash at the end. */
function parseEndpoint(value: unknown, source: string): string {
  const text = typeof value === "string" ? value.trim() : "";
  const url = parseUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  const broken =
    url === undefined
      ? "be a host, host:port or URL"
      : !/^https?:$/.test(url.protocol)
        ? "have scheme https or http"
        : url.username + url.password !== ""
          ? "not carry a user name or password"
          : // `?` and `#` alone leave `search` and `hash` empty.
            /[?#]/.test(text)
            ? "have no query and no fragment"
            : /[{}]/.test(text)
              ? "contain no braces but the basin endpoint's {basin}"
              : undefined;
  // Shown without what stands before an `@`, which may be a password.
  if (url === undefined || broken !== undefined)
    throw refused(
      source,
      broken ?? "",
      typeof value === "string" ? value.replace(/^(.*\/\/)?[^/]*@/, "$1***@") : value,
    );
  const path = url.pathname.replace(/\/+$/, "");
  return url.origin + (path === "" ? "/v1" : path);
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

import { invalidArgument, show } from "../error/make.js";
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
  readonly endpoints?: EndpointNames | undefined;
  /** The older spelling of `endpoints.account`. */
  readonly baseUrl?: string | undefined;
  /** The older spelling of `endpoints.basin`. */
  readonly makeBasinBaseUrl?: ((basin: string) => string) | undefined;
}

/** The environment variables that name endpoints, read by whoever may look at an environment. */
export interface EndpointEnvironment {
  readonly S2_ACCOUNT_ENDPOINT?: string | undefined;
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

/**
 * Resolves endpoints. Options win over the environment as a pair: with any of them given the environment is not
 * looked at, so that an account endpoint given by option never meets a stranger's basin endpoint.
 * Throws `INVALID_ARGUMENT` naming the option.
 */
export function resolveEndpoints(
  options: EndpointOptions = {},
  environment: EndpointEnvironment = {},
): Endpoints {
  const configured = fromOptions(options) ?? fromEnvironment(environment);
  if (configured === undefined)
    return createEndpoints(DEFAULT_ACCOUNT, templateOf(DEFAULT_BASIN, "endpoints.basin"), false);
  const { account, basin } = configured;
  if (account === undefined || basin === undefined) {
    const [given, missing] = account === undefined ? [basin, "account"] : [account, "basin"];
    throw invalidArgument(
      `${given?.source} configures one endpoint only: the ${missing} endpoint must be configured too, or neither`,
    );
  }
  return createEndpoints(account.baseUrl, basin.baseUrl, true);
}

interface Configured {
  readonly account: { readonly source: string; readonly baseUrl: string } | undefined;
  readonly basin: { readonly source: string; readonly baseUrl: BasinBaseUrl } | undefined;
}

export type BasinBaseUrl = (basin: string) => string;

function createEndpoints(
  accountBaseUrl: string,
  basinBaseUrl: BasinBaseUrl,
  sendBasinHeader: boolean,
): Endpoints {
  return {
    accountBaseUrl,
    basinBaseUrl(basin) {
      checkBasinName(basin);
      return basinBaseUrl(basin);
    },
    sendBasinHeader,
  };
}

function fromOptions(options: EndpointOptions): Configured | undefined {
  const { endpoints, baseUrl, makeBasinBaseUrl } = options;
  if (endpoints !== undefined && (typeof endpoints !== "object" || endpoints === null)) {
    throw invalidArgument(
      `endpoints must be an object with account and basin; got ${showEndpoint(endpoints)}`,
    );
  }
  refuseBoth("baseUrl", baseUrl, "endpoints.account", endpoints?.account);
  refuseBoth("makeBasinBaseUrl", makeBasinBaseUrl, "endpoints.basin", endpoints?.basin);
  const account =
    endpoints?.account !== undefined
      ? namedAccount(endpoints.account, "endpoints.account")
      : baseUrl !== undefined
        ? namedAccount(baseUrl, "baseUrl")
        : undefined;
  const basin =
    endpoints?.basin !== undefined
      ? namedBasin(endpoints.basin, "endpoints.basin")
      : makeBasinBaseUrl !== undefined
        ? functionBasin(makeBasinBaseUrl)
        : undefined;
  return account === undefined && basin === undefined ? undefined : { account, basin };
}

/** An empty variable counts as none, as a shell has it. */
function fromEnvironment(environment: EndpointEnvironment): Configured | undefined {
  const account = environment.S2_ACCOUNT_ENDPOINT || undefined;
  const basin = environment.S2_BASIN_ENDPOINT || undefined;
  if (account === undefined && basin === undefined) return undefined;
  return {
    account: account === undefined ? undefined : namedAccount(account, "S2_ACCOUNT_ENDPOINT"),
    basin: basin === undefined ? undefined : namedBasin(basin, "S2_BASIN_ENDPOINT"),
  };
}

function refuseBoth(older: string, olderValue: unknown, newer: string, newerValue: unknown): void {
  if (olderValue === undefined || newerValue === undefined) return;
  throw invalidArgument(`${older} and ${newer} name the same endpoint: give one of them`);
}

function namedAccount(value: string, source: string): Configured["account"] {
  return { source, baseUrl: parseEndpoint(value, source) };
}

function namedBasin(value: string, source: string): Configured["basin"] {
  return { source, baseUrl: templateOf(value, source) };
}

function functionBasin(makeBasinBaseUrl: BasinBaseUrl): Configured["basin"] {
  const source = "makeBasinBaseUrl";
  if (typeof makeBasinBaseUrl !== "function") {
    throw invalidArgument(
      `${source} must be a function of the basin's name; got ${showEndpoint(makeBasinBaseUrl)}`,
    );
  }
  return { source, baseUrl: (basin) => parseEndpoint(makeBasinBaseUrl(basin), `${source}("${basin}")`) };
}

/**
 * The base URL of each basin by a template with `{basin}`; `source` is what an error calls it. Parsed with a sample name
 * at once, so that a bad template fails where it is given. Throws `INVALID_ARGUMENT`.
 */
export function templateOf(template: string, source: string): BasinBaseUrl {
  const fill = (basin: string): string =>
    parseEndpoint(typeof template === "string" ? template.replaceAll(PLACEHOLDER, basin) : template, source);
  fill(SAMPLE_BASIN);
  return fill;
}

/** The base URL that an endpoint stands for, without a slash at the end. */
function parseEndpoint(value: unknown, source: string): string {
  if (typeof value !== "string" || value.trim() === "") {
    throw invalidArgument(`${source} must be a host, host:port or URL; got ${showEndpoint(value)}`);
  }
  const text = value.trim();
  const url = parseUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === undefined) {
    throw invalidArgument(`${source} must be a host, host:port or URL; got ${showEndpoint(value)}`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalidArgument(`${source} must have scheme https or http; got ${showEndpoint(value)}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalidArgument(`${source} must not carry a user name or password; got ${showEndpoint(value)}`);
  }
  // `?` and `#` alone leave `search` and `hash` empty.
  if (/[?#]/.test(text)) {
    throw invalidArgument(`${source} must have no query and no fragment; got ${showEndpoint(value)}`);
  }
  if (/[{}]/.test(text)) {
    throw invalidArgument(
      `${source} must contain no braces but the basin endpoint's {basin}; got ${showEndpoint(value)}`,
    );
  }
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

/** Shown without what stands before an `@`, which may be a password. */
function showEndpoint(value: unknown): string {
  return show(typeof value === "string" ? value.replace(/^(.*\/\/)?[^/]*@/, "$1***@") : value);
}

/** Where a server is: what the client's option `endpoints` takes. */
export interface Endpoints {
  readonly account: string;
  /** `{basin}` in it stands for a basin's name. */
  readonly basin: string;
}

/** The hosted service. */
export const HOSTED: Endpoints = { account: "https://a.s2.dev/v1", basin: "https://{basin}.b.s2.dev/v1" };

/**
 * The server that an address names, `?account=…&basin=…`; without that the one that served the page. It is in this part
 * of the address, not behind `#`, so that the server can allow connections there and nowhere else.
 */
export function endpointsFrom(search: string, origin: string): Endpoints {
  const query = new URLSearchParams(search);
  const account = query.get("account") || undefined;
  const basin = query.get("basin") || undefined;
  const only = account ?? basin ?? origin;
  return { account: account ?? only, basin: basin ?? only };
}

/** The part of an address that names these endpoints; nothing for the server that served the page. */
export function searchOf(endpoints: Endpoints, origin: string): string {
  const { account, basin } = endpoints;
  if (isOwn(endpoints, origin)) return "";
  return `?${new URLSearchParams(account === basin ? { account } : { account, basin })}`;
}

/** Whether the endpoints are the server that served the page. */
export function isOwn({ account, basin }: Endpoints, origin: string): boolean {
  return account === origin && basin === origin;
}

/** Under what name a token is kept: a token goes to the endpoints that it was entered for, and to no other. */
export function tokenKey({ account, basin }: Endpoints): string {
  return `s2-dashboard token ${account} ${basin}`;
}

/** Where the faults of a server are switched: beside its API. */
export function faultsUrl({ account }: Endpoints): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(account) ? account : `https://${account}`;
  return new URL("/admin/faults", url).href;
}

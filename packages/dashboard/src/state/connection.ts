import { computed, signal } from "@preact/signals";
import { S2 } from "@s2-dev/streamstore";
import { type Endpoints, endpointsFrom, isOwn, searchOf, tokenKey } from "../logic/endpoints.js";

/** The server that is looked at. It changes with the page: another one is another load. */
export const endpoints: Endpoints = endpointsFrom(location.search, location.origin);
export const isOwnServer = isOwn(endpoints, location.origin);

/** The access token, for this tab alone; empty when none was entered. */
export const token = signal(sessionStorage.getItem(tokenKey(endpoints)) ?? "");

/** A client of the server, with the token of the moment. */
export const client = computed(
  // Servers without authentication take any token, but some token there must be.
  () => new S2({ accessToken: token.value || "none", endpoints: { ...endpoints } }),
);

/** Whether the dialog is open that asks for endpoints and token. */
export const isConnecting = signal(false);

/** Looks at another server, or at the same with another token. */
export function connect(next: Endpoints, nextToken: string): void {
  sessionStorage.setItem(tokenKey(next), nextToken);
  const search = searchOf(next, location.origin);
  if (search === searchOf(endpoints, location.origin)) {
    void client.peek().close();
    token.value = nextToken;
    return;
  }
  // The page is loaded anew, since its server has to allow connections to the endpoints.
  location.assign(`${location.pathname}${search}#/basins`);
}

const BASIN = "{basin}";

/**
 * The content security policy of the page: nothing but its own files, no inline code, and connections to this server
 * and to the endpoints that the page's address names, `?account=…&basin=…`.
 */
export function pagePolicy(query: string): string {
  const named = new URLSearchParams(query);
  const places = new Set(["account", "basin"].flatMap((name) => connectSource(named.get(name) ?? "") ?? []));
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...places].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** What stands for an endpoint in the policy; `undefined` for what is none. A basin's name in the host is a wildcard. */
function connectSource(endpoint: string): string | undefined {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  let url: URL;
  try {
    url = new URL(text.replaceAll(BASIN, "basin-name"));
  } catch {
    return undefined;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  // What cannot end a directive or begin another; brackets and colons are those of IPv6.
  if (!/^[a-z0-9.\-:[\]]+$/.test(url.host)) return undefined;
  const host = text.slice(text.indexOf("://") + 3).split("/", 1)[0] ?? "";
  if (!host.includes(BASIN)) return url.origin;
  const labels = host.slice(host.lastIndexOf(BASIN)).split(".").slice(1).join(".");
  // Of a host that is nothing but the name, the policy can say no less than every host.
  return labels === "" ? undefined : `${url.protocol}//*.${labels.toLowerCase()}`;
}

/** Fields of a request, beside what a call says itself, that this runtime's `fetch` takes. */
export function fetchFields(isInjected: boolean): RequestInit {
  // Frameworks patch `fetch` and keep what it gave; what was read once is not what is there now.
  const fields: RequestInit = { cache: "no-store" };
  if (isBrowser() && !isInjected) fields.credentials = "omit";
  try {
    new Request("https://localhost/", fields);
    return fields;
  } catch {
    // Workers refuse some.
    return {};
  }
}

/** Browsers are the only ones that name a Mozilla; they ask permission across origins for a `user-agent` of ours. */
export function isBrowser(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: unknown } };
  return typeof navigator?.userAgent === "string" && navigator.userAgent.startsWith("Mozilla/");
}

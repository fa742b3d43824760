import type { BytesHeaderList, StringHeaderList, StringHeaders } from "../model/record.js";

/** Shared by every record without headers, and frozen for that reason. */
export const NO_HEADERS: StringHeaders = /* @__PURE__ */ Object.freeze({});
/** Shared by every record without headers, and frozen for that reason. */
export const NO_HEADER_LIST: StringHeaderList = /* @__PURE__ */ Object.freeze(
  [],
) as unknown as StringHeaderList;
/** Shared by every record without headers, and frozen for that reason. */
export const NO_BYTES_HEADERS: BytesHeaderList = /* @__PURE__ */ Object.freeze(
  [],
) as unknown as BytesHeaderList;

/** Adds a header, the last of duplicates winning. A header called `__proto__` becomes a property like any other. */
export function setHeader(headers: StringHeaders, name: string, value: string): void {
  if (name !== "__proto__") {
    headers[name] = value;
    return;
  }
  Object.defineProperty(headers, name, { value, writable: true, enumerable: true, configurable: true });
}

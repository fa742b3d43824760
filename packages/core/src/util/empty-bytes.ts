/** No bytes, for all who need a place for some. */
export const EMPTY_BYTES: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

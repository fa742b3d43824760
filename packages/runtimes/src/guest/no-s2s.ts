/** In place of the s2s transport where there is no `node:http2`: the suite imports it, and makes none there. */
export function createS2sTransport(): never {
  throw new Error("There is no s2s transport in this runtime");
}

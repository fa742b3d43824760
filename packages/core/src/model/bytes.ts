/** By tag where it is not by class: bytes of another realm (a test runner's, a frame's) are bytes too. */
export function isBytes(data: unknown): data is Uint8Array {
  return data instanceof Uint8Array || Object.prototype.toString.call(data) === "[object Uint8Array]";
}

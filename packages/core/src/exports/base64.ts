/** Bytes as text. */
export { decodeBase64, encodeBase64 } from "../codec/base64.js";

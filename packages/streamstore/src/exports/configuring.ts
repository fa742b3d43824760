/** What a program makes options of: keys, tokens and the environment's settings. */
export { EncryptionKey } from "../encryption-key.js";
export { S2Environment } from "../environment.js";
export { randomFencingToken, randomToken } from "../random-token.js";

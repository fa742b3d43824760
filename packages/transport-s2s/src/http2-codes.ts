/** Codes of RST_STREAM. @see https://www.rfc-editor.org/rfc/rfc9113#section-7 */
export const NO_ERROR = 0x0;
export const REFUSED_STREAM = 0x7;
export const CANCEL = 0x8;
export const HTTP_1_1_REQUIRED = 0xd;

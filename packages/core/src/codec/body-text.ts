/**
 * The text of a body as it is: what is no UTF-8 becomes U+FFFD. For bodies that come one a call; `text.ts` has what is
 * worth its size where a batch has a thousand texts.
 */
export function textOfBody(body: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
}

/** Writes the head of a frame. The length field counts the flags byte and the payload. */
export function writeFrameHead(target: Uint8Array, at: number, payloadBytes: number, flags = 0): void {
  const length = payloadBytes + 1;
  target[at] = (length >>> 16) & 0xff;
  target[at + 1] = (length >>> 8) & 0xff;
  target[at + 2] = length & 0xff;
  target[at + 3] = flags;
}

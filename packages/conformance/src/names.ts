/** A basin name that nothing else uses: 20 characters of those that basins may have. */
export function freshBasinName(): string {
  return `conform-${randomHex(6)}`;
}

/** A stream name that nothing else uses. */
export function freshStreamName(): string {
  return `stream-${randomHex(4)}`;
}

/** Made with what every runtime has: behaviours run in browsers, too. */
function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

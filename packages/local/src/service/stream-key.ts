/** What a stream is known by among all of the server: no name has a NUL. */
export function streamKey(basin: string, stream: string): string {
  return `${basin}\0${stream}`;
}

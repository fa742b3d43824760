/** What became of an input. Neither an answer nor a closed connection would be a failure: its run never ends. */
export interface Outcome {
  /** Of each answer. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
  /** Of the last answer, as far as it was received. */
  readonly body: Buffer;
  readonly contentType: string;
}

export const FRAMES_TYPE = "s2s/proto";
export const EVENTS_TYPE = "text/event-stream";

/** Whether an answer of this kind may go on without an end. */
export function isStreaming(contentType: string): boolean {
  return contentType.startsWith(FRAMES_TYPE) || contentType.startsWith(EVENTS_TYPE);
}

/** What an answer says that the server must never say unasked: that it is at fault. */
export function serverFaultOf({ statuses, body, contentType }: Outcome): string | undefined {
  const status = statuses.find((candidate) => candidate >= 500);
  if (status !== undefined) return `status ${status}: ${body.toString("latin1").slice(0, 300)}`;
  if (contentType.startsWith(FRAMES_TYPE)) return faultInFrames(body);
  if (!contentType.startsWith(EVENTS_TYPE)) return undefined;
  return /event: error\ndata: (\{"code":"(?:storage|other)".*)/.exec(body.toString("latin1"))?.[1];
}

function faultInFrames(body: Buffer): string | undefined {
  for (let at = 0; at + 6 <= body.length; at += 3 + body.readUIntBE(at, 3)) {
    const isTerminal = ((body[at + 3] as number) & 0x80) !== 0;
    const text = body.subarray(at + 6, at + 3 + body.readUIntBE(at, 3)).toString("latin1");
    // A session's stream may be deleted by another input meanwhile.
    if (isTerminal && body.readUInt16BE(at + 4) >= 500 && !text.includes('"unavailable"')) return text;
  }
  return undefined;
}

/** How the body of an answer falls into messages. */
export type BodyForm = "frames" | "events" | "whole";

export interface Message {
  readonly bytes: Buffer;
  readonly isHeartbeat: boolean;
}

/** Cuts what is written of a body into messages. */
export interface MessageCutter {
  push(chunk: Buffer): readonly Message[];
  /** What is left at the end of the body. */
  rest(): readonly Message[];
}

const LENGTH_BYTES = 3;
const RECONNECT_ADVISED = 0x10;
/** Terminal or compressed. */
const NOT_PLAIN = 0xe0;
/** Protobuf tag of the tail of a `ReadBatch`. */
const TAIL_TAG = 0x12;
const EVENT_END = "\n\n";

/** The form of a body with this content type. */
export function formOf(contentType: string | undefined): BodyForm {
  if (contentType === "s2s/proto") return "frames";
  return contentType === "text/event-stream" ? "events" : "whole";
}

export function createMessageCutter(form: BodyForm, isRead: boolean): MessageCutter {
  const sizeOf = { frames: sizeOfFrame, events: sizeOfEvent, whole: () => undefined }[form];
  const isHeartbeat = { frames: isRead ? isHeartbeatFrame : never, events: isPing, whole: never }[form];
  let kept: Buffer = Buffer.alloc(0);
  const message = (bytes: Buffer): Message => ({ bytes, isHeartbeat: isHeartbeat(bytes) });
  return {
    push(chunk) {
      kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const messages: Message[] = [];
      for (let size = sizeOf(kept); size !== undefined; size = sizeOf(kept)) {
        messages.push(message(kept.subarray(0, size)));
        kept = kept.subarray(size);
      }
      return messages;
    },
    rest: () => (kept.length === 0 ? [] : [message(kept)]),
  };
}

/** The same frame with the advice to reconnect. */
export function withAdvice(frame: Buffer): Buffer {
  const advised = Buffer.from(frame);
  advised[LENGTH_BYTES] = (advised[LENGTH_BYTES] ?? 0) | RECONNECT_ADVISED;
  return advised;
}

function sizeOfFrame(bytes: Buffer): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const size = LENGTH_BYTES + bytes.readUIntBE(0, LENGTH_BYTES);
  return bytes.length < size ? undefined : size;
}

function sizeOfEvent(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(EVENT_END);
  return end < 0 ? undefined : end + EVENT_END.length;
}

/** A batch without records begins with its tail, or is empty. */
function isHeartbeatFrame(frame: Buffer): boolean {
  const [flags = 0, tag] = frame.subarray(LENGTH_BYTES);
  return (flags & NOT_PLAIN) === 0 && (tag === undefined || tag === TAIL_TAG);
}

function isPing(event: Buffer): boolean {
  return event.subarray(0, 11).toString("latin1") === "event: ping";
}

function never(): boolean {
  return false;
}

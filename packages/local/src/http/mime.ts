/** How a body is encoded. */
export type BodyEncoding = "json" | "protobuf";

/** The media type that a header names first, without parameters; `undefined` when that is none. */
export function mediaType(header: string | undefined): string | undefined {
  const first = header?.split(",", 1)[0]?.split(";", 1)[0]?.trim().toLowerCase();
  return first !== undefined && /^[^\s/]+\/[^\s/]+$/.test(first) ? first : undefined;
}

export function isJson(type: string | undefined): boolean {
  return type !== undefined && (type === "application/json" || /^application\/.+\+json$/.test(type));
}

export function isProtobuf(type: string | undefined): boolean {
  return type === "application/protobuf" || type === "application/x-protobuf";
}

/** Session frames. */
export function isFrames(type: string | undefined): boolean {
  return type === "s2s/proto";
}

export function isEventStream(type: string | undefined): boolean {
  return type === "text/event-stream";
}

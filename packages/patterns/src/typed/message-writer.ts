import { invalidArgument } from "@s2-dev/streamstore-core";
import { show } from "@s2-dev/streamstore-core/transport";
import { FrameSizeError } from "../serialization/frame-size-error.js";
import { invalidMessage } from "./invalid-message-error.js";
import { andThen, type MaybePromise } from "./maybe-promise.js";
import type { MessageMeta } from "./message-headers.js";
import type { EncodedMessage } from "./message-records.js";
import type { TypedSettings } from "./typed-settings.js";

/** The metadata of a message, and its type if it has one. */
export type GivenMeta = MessageMeta & { readonly type?: string | undefined };

const EMPTY: GivenMeta = {};

/**
 * Checks and encodes a message. Throws, or rejects with, `InvalidMessageError`, `FrameSizeError`, or `INVALID_ARGUMENT`
 * for its metadata; nothing was sent then.
 */
export function encodeMessage(
  settings: TypedSettings,
  value: unknown,
  meta: GivenMeta = EMPTY,
): MaybePromise<EncodedMessage> {
  if (typeof meta !== "object" || meta === null) {
    throw invalidArgument(`the metadata of a message must be an object; got ${show(meta)}`);
  }
  const { type, timestamp } = meta;
  const place = { type };
  const kind = settings.kindOf(type);
  if (kind === undefined) throw invalidMessage("type", settings.unknownType(type), place);
  return andThen(kind.write(value, place), (payload) => {
    if (payload.length > settings.maxFrameBytes) {
      throw new FrameSizeError({ bytes: payload.length, maxFrameBytes: settings.maxFrameBytes });
    }
    const { key = settings.key?.(value), id = settings.id?.(value) } = meta;
    const headers = settings.headers.write({ ...meta, key, id }, kind.version);
    return { payload, headers, timestamp };
  });
}

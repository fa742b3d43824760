import type { Position } from "../storage/storage.js";
import type { AppendInput, CommandRights } from "./append-input.js";
import { AppendSession, type AppendSessionEvents, type AppendTarget, appendOnce } from "./append-session.js";
import { EMPTY_LAYER, type StreamConfigLayer } from "./configs.js";
import { requireBasin, type ServiceContext } from "./context.js";
import { type ServiceError, streamNotFound } from "./errors.js";
import type { LiveStream } from "./live-stream.js";
import type { AppendAck } from "./pending-replies.js";
import type { ReadRequest } from "./read-bounds.js";
import { ReadSession } from "./read-session.js";
import { resolveCipher } from "./record-cipher.js";
import type { Streams } from "./streams.js";

/** What a request about records carries besides its input. */
export interface RecordAccess {
  readonly basin: string;
  readonly stream: string;
  /** Text of the client's encryption key, if it sent one. */
  readonly encryptionKey?: string | undefined;
  /** Configuration of the stream if this request creates it. */
  readonly config?: StreamConfigLayer | undefined;
  /** Command records that the caller may append; all unless given. */
  readonly commands?: CommandRights | undefined;
}

/** What is done to records. */
export interface Records {
  /** Opens a stream for appends, creating it where the basin allows. */
  openAppend(access: RecordAccess): Promise<AppendOpening>;
  read(access: RecordAccess, request: ReadRequest): Promise<ReadSession>;
  checkTail(access: RecordAccess): Promise<Position>;
}

/** A stream opened for appends. */
export interface AppendOpening {
  append(input: AppendInput): Promise<AppendAck>;
  session(events: AppendSessionEvents): AppendSession;
  /** Storage class of the stream, as it is now. */
  readonly storageClass: string;
}

export function createRecords(context: ServiceContext, streams: Streams): Records {
  const { live, clock, random, admission } = context;

  async function open(access: RecordAccess, allowed: "createOnAppend" | "createOnRead"): Promise<LiveStream> {
    const { basin, stream: name } = access;
    const stream = await live.get(basin, name);
    if (stream !== undefined) return stream;
    const { settings } = await requireBasin(context, basin);
    if (!settings[allowed]) throw streamNotFound(basin, name);
    try {
      await streams.create(basin, name, access.config ?? EMPTY_LAYER, undefined);
    } catch (error) {
      // Somebody else was first: that will do.
      if ((error as ServiceError).code !== "resource_already_exists") throw error;
    }
    const created = await live.get(basin, name);
    if (created === undefined) throw streamNotFound(basin, name);
    return created;
  }

  function cipherOf(stream: LiveStream, access: RecordAccess): AppendTarget["cipher"] {
    return resolveCipher(stream.cipher, access.encryptionKey, `${stream.basin}\0${stream.name}`);
  }

  return {
    async openAppend(access) {
      const stream = await open(access, "createOnAppend");
      const target: AppendTarget = {
        stream,
        cipher: cipherOf(stream, access),
        admission,
        commands: access.commands,
      };
      return {
        append: (input) => appendOnce(target, input),
        session: (events) => new AppendSession(target, events),
        get storageClass() {
          return stream.settings.storageClass;
        },
      };
    },

    async read(access, request) {
      const stream = await open(access, "createOnRead");
      return ReadSession.open({ stream, request, cipher: cipherOf(stream, access), clock, random });
    },

    checkTail: async (access) => (await open(access, "createOnRead")).tail,
  };
}

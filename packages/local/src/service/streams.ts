import { U64_MAX } from "../storage/u64.js";
import {
  checkRetention,
  configKey,
  patchLayer,
  resolveStreamConfig,
  type StreamConfigLayer,
  type StreamConfigPatch,
  type StreamSettings,
  sameConfig,
} from "./configs.js";
import { requireActiveBasin, requireBasin, type ServiceContext } from "./context.js";
import { type ServiceError, streamDeletionPending, streamExists, streamNotFound } from "./errors.js";
import type { LiveStream } from "./live-stream.js";
import {
  creationKey,
  type ListPage,
  type ListRequest,
  type Provisioned,
  pageLimit,
  type StreamInfo,
  type StreamRow,
} from "./rows.js";
import { streamKey } from "./stream-key.js";

/** What is done to streams, but for their records. */
export interface Streams {
  list(basin: string, request: ListRequest): Promise<ListPage<StreamInfo>>;
  create(
    basin: string,
    name: string,
    config: StreamConfigLayer,
    token: string | undefined,
  ): Promise<[Provisioned, StreamInfo]>;
  ensure(basin: string, name: string, config: StreamConfigLayer): Promise<[Provisioned, StreamInfo]>;
  settings(basin: string, name: string): Promise<StreamSettings>;
  patch(basin: string, name: string, patch: StreamConfigPatch): Promise<StreamSettings>;
  /** Trims everything for good; the name is free again once the stream's data are gone. */
  delete(basin: string, name: string): Promise<void>;
}

/** What is removed, and when. */
export interface Removal {
  /** Milliseconds until the name is free again; by default as the service has it. */
  readonly delayMs?: number | undefined;
  /** Whether the stream with this log, which has the name now, is the one: asked right before it is trimmed for good. */
  readonly isMeant: (logId: string) => boolean;
}

/** Streams that can also be removed on a condition. */
export interface RemovableStreams extends Streams {
  /** Deletes the stream if it is the one that is meant. @throws ServiceError 404. */
  remove(basin: string, name: string, removal: Removal): Promise<void>;
}

/** What others want to know of streams. */
export interface StreamEvents {
  /** The settings of a stream are decided; `before` is `undefined` for a new one. */
  onSettings(basin: string, name: string, before: StreamSettings | undefined, after: StreamSettings): void;
  /** A stream is deleted for good; perhaps the basin's last. */
  onGone(basin: string, name: string, isLast: boolean): void;
}

export function createStreams(
  context: ServiceContext,
  events: StreamEvents,
  deletionMs: number,
): RemovableStreams {
  const { storage, clock, basinLock, streamLock, live } = context;

  /** Runs a change of one stream while its basin cannot be deleted. */
  function guarded<T>(basin: string, name: string, run: () => Promise<T>): Promise<T> {
    return basinLock.shared(basin, () => streamLock.exclusive(streamKey(basin, name), run));
  }

  async function write(
    basin: string,
    name: string,
    row: StreamRow,
    before: StreamSettings | undefined,
  ): Promise<StreamInfo> {
    await storage.streams(basin).put(name, row);
    const stream = live.peek(basin, name);
    if (stream !== undefined) stream.settings = row.settings;
    events.onSettings(basin, name, before, row.settings);
    return infoOf(name, row);
  }

  async function existingRow(basin: string, name: string): Promise<StreamRow | undefined> {
    const row = await storage.streams(basin).get(name);
    if (row === undefined) return undefined;
    if (row.deletedAt !== null || (await isTrimmedForGood(basin, name, row.logId))) {
      throw streamDeletionPending();
    }
    return row;
  }

  /** The trim that ends a stream comes before its row says so. */
  async function isTrimmedForGood(basin: string, name: string, logId: string): Promise<boolean> {
    const stream = live.peek(basin, name);
    if (stream !== undefined && !stream.gone) return false;
    if (stream?.deleted) return true;
    return (await storage.inspectLog(logId))?.state.trimPoint === U64_MAX;
  }

  function newRow(settings: StreamSettings, cipher: StreamRow["cipher"], key: string | null): StreamRow {
    return {
      settings,
      cipher,
      createdAt: clock.epoch(),
      deletedAt: null,
      creationKey: key,
      logId: storage.newLogId(),
    };
  }

  /** Removes what is left of a stream that is marked as deleted. */
  async function finishDeletion(basin: string, name: string, logId: string): Promise<void> {
    await guarded(basin, name, async () => {
      const row = await storage.streams(basin).get(name);
      if (row?.logId !== logId) return;
      await storage.dropLog(logId);
      await storage.streams(basin).delete(name);
      live.forget(basin, name);
      const { rows } = await storage.streams(basin).list({ prefix: "", startAfter: "", limit: 1 });
      events.onGone(basin, name, rows.length === 0);
    });
  }

  async function markDeleted(basin: string, name: string, logId: string): Promise<void> {
    await guarded(basin, name, async () => {
      const row = await storage.streams(basin).get(name);
      if (row?.logId !== logId || row.deletedAt !== null) return;
      await storage.streams(basin).put(name, { ...row, deletedAt: clock.epoch() });
    });
  }

  async function remove(basin: string, name: string, removal: Removal): Promise<void> {
    const { delayMs = deletionMs, isMeant } = removal;
    const row = await storage.streams(basin).get(name);
    if (row === undefined) throw streamNotFound(basin, name);
    const { logId } = row;
    const stream = await liveForDeletion(context, basin, name);
    // Another has the name by now: the one that was found is gone.
    if (!isMeant(logId) || (stream !== undefined && stream.logId !== logId)) return;
    if (stream !== undefined) await terminalTrim(stream);
    await markDeleted(basin, name, logId);
    if (delayMs === 0) await finishDeletion(basin, name, logId);
    else {
      // What fails is made good by the next DELETE.
      const finish = (): void => void finishDeletion(basin, name, logId).catch(() => undefined);
      clock.timer(delayMs, finish, false);
    }
  }

  return {
    async list(basin, request) {
      await requireBasin(context, basin);
      const page = await storage.streams(basin).list({ ...request, limit: pageLimit(request.limit) });
      return { items: page.rows.map(([name, row]) => infoOf(name, row)), hasMore: page.hasMore };
    },

    create: (basin, name, config, token) =>
      guarded(basin, name, async () => {
        checkRetention(config.retention);
        const basinRow = await requireActiveBasin(context, basin);
        const existing = await existingRow(basin, name);
        const key = creationKey(token, configKey(config));
        if (existing !== undefined) {
          if (key !== null && existing.creationKey === key) return ["noop", infoOf(name, existing)];
          throw streamExists(basin, name);
        }
        const settings = resolveStreamConfig(config, basinRow.settings.defaults);
        const row = newRow(settings, basinRow.settings.streamCipher, key);
        return ["created", await write(basin, name, row, undefined)];
      }),

    ensure: (basin, name, config) =>
      guarded(basin, name, async () => {
        checkRetention(config.retention);
        const basinRow = await requireActiveBasin(context, basin);
        const existing = await existingRow(basin, name);
        const settings = resolveStreamConfig(config, basinRow.settings.defaults);
        if (existing === undefined) {
          const row = newRow(settings, basinRow.settings.streamCipher, null);
          return ["created", await write(basin, name, row, undefined)];
        }
        if (sameConfig(existing.settings, settings)) return ["noop", infoOf(name, existing)];
        return ["updated", await write(basin, name, { ...existing, settings }, existing.settings)];
      }),

    async settings(basin, name) {
      const row = await existingRow(basin, name);
      if (row === undefined) throw streamNotFound(basin, name);
      return row.settings;
    },

    patch: (basin, name, patch) =>
      guarded(basin, name, async () => {
        checkRetention(patch.retention);
        const basinRow = await requireActiveBasin(context, basin);
        const existing = await existingRow(basin, name);
        if (existing === undefined) throw streamNotFound(basin, name);
        const settings = resolveStreamConfig(
          patchLayer(existing.settings, patch),
          basinRow.settings.defaults,
        );
        await write(basin, name, { ...existing, settings }, existing.settings);
        return settings;
      }),

    delete: (basin, name) => remove(basin, name, { isMeant: () => true }),
    remove,
  };
}

/** The stream to trim; `undefined` when its deletion has begun already. @throws ServiceError 404. */
async function liveForDeletion(
  { live }: ServiceContext,
  basin: string,
  name: string,
): Promise<LiveStream | undefined> {
  try {
    const stream = await live.get(basin, name);
    if (stream === undefined) throw streamNotFound(basin, name);
    return stream;
  } catch (error) {
    if ((error as ServiceError).code === "stream_deletion_pending") return undefined;
    throw error;
  }
}

function terminalTrim(stream: LiveStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.submitTerminalTrim((error) => {
      if (error === undefined || error.code === "stream_deletion_pending") resolve();
      else reject(error);
    });
  });
}

function infoOf(name: string, row: StreamRow): StreamInfo {
  return { name, createdAt: row.createdAt, deletedAt: row.deletedAt, cipher: row.cipher };
}

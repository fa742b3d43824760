import type { StreamSettings } from "./configs.js";
import type { ServiceContext } from "./context.js";
import { EmptyChecks } from "./empty-checks.js";
import type { LiveStream } from "./live-stream.js";
import { recover } from "./recovery.js";
import type { RemovableStreams } from "./streams.js";

const TICK_MS = 60_000;
const JITTER = 0.1;
/** How long an empty stream that is not old enough is left alone, at least. */
const RETRY_MS = 600_000;
/** Streams that were found at the start of which it is remembered whose log is whose. */
const MAX_FOUND = 10_000;

/** The work that nobody waits for: expired records, empty streams, basins that are being deleted. */
export interface Janitor {
  /** Begins, with what a server before this one left undone. */
  start(): void;
  /** Resolves when what was left undone is done. */
  takenUp(): Promise<void>;
  stop(): void;
  /** Does all that is due now. */
  tick(): Promise<void>;
  basinDeleted(name: string): void;
  settingsChanged(
    basin: string,
    name: string,
    before: StreamSettings | undefined,
    after: StreamSettings,
  ): void;
  trimmed(stream: LiveStream): void;
  streamGone(basin: string, name: string): void;
}

export function createJanitor(context: ServiceContext, streams: () => RemovableStreams): Janitor {
  const { storage, clock, live } = context;
  const deletingBasins = new Set<string>();
  /** Of these, the ones whose turn is still to come. */
  const queuedBasins = new Set<string>();
  const checks = new EmptyChecks();
  /** Streams that hold something and perhaps nobody uses, by log. */
  const found = new Map<string, { readonly basin: string; readonly name: string }>();
  let cancel: (() => void) | undefined;
  let stopped = false;
  /** Work in progress, so that none runs twice at a time. */
  let running: Promise<void> = Promise.resolve();
  let takenUp: Promise<void> = running;

  function schedule(): void {
    if (stopped) return;
    const delay = TICK_MS * (1 + JITTER * (2 * context.random() - 1));
    cancel = clock.timer(delay, () => void tick().then(schedule, schedule), false);
  }

  /** Runs work after all that came before it, whether that failed or not. */
  function enqueue(work: () => Promise<void>): Promise<void> {
    const guarded = (): Promise<void> => (stopped ? Promise.resolve() : work());
    running = running.then(guarded, guarded);
    return running;
  }

  function tick(): Promise<void> {
    return enqueue(async () => {
      const now = clock.epoch();
      await expire(now);
      for (const { basin, name } of checks.due(now)) await checkEmpty(basin, name);
      for (const basin of [...deletingBasins]) await deleteBasin(basin);
    });
  }

  async function expire(now: number): Promise<void> {
    for (const [logId, storedBytes] of await storage.expire(now)) {
      const stream = found.get(logId);
      if (stream !== undefined) context.usage.stored(stream.basin, stream.name, storedBytes);
    }
    for (const stream of live.all()) context.usage.stored(stream.basin, stream.name, stream.log.storedBytes);
  }

  /** Takes up what is undone, and learns what there is. */
  async function takeUp(): Promise<void> {
    await recover(context, {
      deletedBasin: (name) => deletingBasins.add(name),
      // What fails is made good by the next start, or DELETE.
      deletedStream: (basin, name, { logId }) =>
        streams()
          // Nobody has seen it end, so nobody waits for a moment to come.
          .remove(basin, name, { delayMs: 0, isMeant: (id) => id === logId })
          .catch(() => undefined),
      stream(basin, name, row, storedBytes) {
        context.usage.streamCreated(basin);
        context.usage.stored(basin, name, storedBytes);
        if (storedBytes > 0 && found.size < MAX_FOUND) found.set(row.logId, { basin, name });
        if (row.settings.minAgeSecs !== 0) checks.plan(basin, name, clock.epoch());
      },
      get stopped() {
        return stopped;
      },
    });
    await expire(clock.epoch());
    for (const basin of [...deletingBasins]) await deleteBasin(basin, 0);
  }

  /** Deletes a stream that has been empty for long enough, or decides when to look again. */
  async function checkEmpty(basin: string, name: string): Promise<void> {
    checks.drop(basin, name);
    const stream = await live.get(basin, name).catch(() => undefined);
    const minAgeMs = Number(stream?.settings.minAgeSecs ?? 0) * 1000;
    if (stream === undefined || minAgeMs === 0) return;
    const now = clock.epoch();
    const isUnused = (): boolean => !stream.busy && stream.lastWriteAt <= now - minAgeMs;
    const presence = await stream.log.presence(now);
    if (presence.empty && isUnused()) {
      await streams().remove(basin, name, { isMeant: (id) => id === stream.logId && isUnused() });
      if (stream.gone) return;
    }
    // Records that never expire: only a trim or another configuration can change that.
    if (!presence.empty && presence.expiresAt === Number.POSITIVE_INFINITY) return;
    const emptyAt = presence.empty ? 0 : presence.expiresAt;
    checks.plan(basin, name, Math.max(now + RETRY_MS, stream.lastWriteAt + minAgeMs, emptyAt));
  }

  /**
   * Deletes a basin's streams; the basin itself goes when a later look finds none. Nobody else removes basins, so the
   * one that is marked here stays the same until the end.
   */
  async function deleteBasin(name: string, delayMs?: number): Promise<void> {
    queuedBasins.delete(name);
    if (!(await isDeleting(name))) return;
    const table = storage.streams(name);
    let startAfter = "";
    let found = false;
    for (let more = true; more; ) {
      const page = await table.list({ prefix: "", startAfter, limit: 1000 });
      more = page.hasMore;
      for (const [stream, { logId }] of page.rows) {
        found = true;
        startAfter = stream;
        await streams()
          .remove(name, stream, { delayMs, isMeant: (id) => id === logId })
          .catch(() => undefined);
      }
    }
    if (found && delayMs !== 0) return;
    await context.basinLock.exclusive(name, async () => {
      if (!(await isDeleting(name))) return;
      const { rows } = await table.list({ prefix: "", startAfter: "", limit: 1 });
      if (rows.length > 0) return;
      await storage.basins.delete(name);
      deletingBasins.delete(name);
    });
  }

  /** Whether the basin that has this name now is one to delete. */
  async function isDeleting(name: string): Promise<boolean> {
    const row = await storage.basins.get(name);
    if (row !== undefined && row.deletedAt !== null) return true;
    deletingBasins.delete(name);
    return false;
  }

  return {
    start() {
      // A failure of the storage shows wherever it is used.
      takenUp = enqueue(takeUp);
      takenUp.catch(() => undefined);
      schedule();
    },
    stop() {
      stopped = true;
      cancel?.();
    },
    tick,
    takenUp: () => takenUp,
    basinDeleted(name) {
      deletingBasins.add(name);
      if (queuedBasins.has(name)) return;
      queuedBasins.add(name);
      // What fails now is tried again at the next tick.
      enqueue(() => deleteBasin(name)).catch(() => undefined);
    },
    settingsChanged(basin, name, before, after) {
      const minAgeMs = Number(after.minAgeSecs) * 1000;
      if (minAgeMs === 0) checks.drop(basin, name);
      else if (before === undefined || before.minAgeSecs === 0)
        checks.plan(basin, name, clock.epoch() + minAgeMs);
      else if (before.minAgeSecs !== after.minAgeSecs) checks.plan(basin, name, clock.epoch());
    },
    trimmed(stream) {
      if (stream.settings.minAgeSecs !== 0) checks.plan(stream.basin, stream.name, clock.epoch());
    },
    streamGone(basin, name) {
      checks.drop(basin, name);
    },
  };
}

import {
  type BasinPatch,
  type BasinSettings,
  checkRetention,
  configKey,
  patchBasin,
  sameConfig,
} from "./configs.js";
import { requireActiveBasin, requireBasin, type ServiceContext } from "./context.js";
import { basinDeletionPending, invalid, refuse } from "./errors.js";
import type { Locations } from "./locations.js";
import {
  type BasinInfo,
  type BasinRow,
  creationKey,
  type ListPage,
  type ListRequest,
  type Provisioned,
  pageLimit,
} from "./rows.js";

/** What is done to basins. */
export interface Basins {
  list(request: ListRequest): Promise<ListPage<BasinInfo>>;
  create(
    name: string,
    settings: BasinSettings,
    token: string | undefined,
    location?: string,
  ): Promise<[Provisioned, BasinInfo]>;
  /** A basin that exists stays where it is. */
  ensure(name: string, settings: BasinSettings, location?: string): Promise<[Provisioned, BasinInfo]>;
  settings(name: string): Promise<BasinSettings>;
  patch(name: string, patch: BasinPatch): Promise<BasinSettings>;
  /** Marks the basin; its streams go in the background. */
  delete(name: string): Promise<void>;
}

export function createBasins(
  context: ServiceContext,
  locations: Locations,
  onDeleted: (name: string) => void,
): Basins {
  const { storage, clock, basinLock } = context;
  const table = storage.basins;

  return {
    async list(request) {
      const page = await table.list({ ...request, limit: pageLimit(request.limit) });
      return { items: page.rows.map(([name, row]) => infoOf(name, row)), hasMore: page.hasMore };
    },

    create: (name, settings, token, location) =>
      basinLock.exclusive(name, async () => {
        checkRetention(settings.defaults.retention);
        const existing = await table.get(name);
        const key = creationKey(
          token,
          configKey(location === undefined ? settings : { ...settings, location }),
        );
        if (existing !== undefined) {
          if (existing.deletedAt !== null) throw basinDeletionPending(name);
          if (key !== null && existing.creationKey === key) return ["noop", infoOf(name, existing)];
          throw refuse("resource_already_exists", `basin \`${name}\` already exists`);
        }
        const row: BasinRow = {
          settings,
          location: await locations.place(location),
          createdAt: clock.epoch(),
          deletedAt: null,
          creationKey: key,
        };
        await table.put(name, row);
        return ["created", infoOf(name, row)];
      }),

    ensure: (name, settings, location) =>
      basinLock.exclusive(name, async () => {
        checkRetention(settings.defaults.retention);
        const existing = await table.get(name);
        if (existing?.deletedAt != null) throw basinDeletionPending(name);
        checkPlace(existing, location);
        if (existing !== undefined && sameConfig(existing.settings, settings)) {
          return ["noop", infoOf(name, existing)];
        }
        const row: BasinRow = {
          settings,
          location: existing === undefined ? await locations.place(location) : existing.location,
          createdAt: existing?.createdAt ?? clock.epoch(),
          deletedAt: null,
          creationKey: existing?.creationKey ?? null,
        };
        await table.put(name, row);
        return [existing === undefined ? "created" : "updated", infoOf(name, row)];
      }),

    settings: async (name) => (await requireBasin(context, name)).settings,

    patch: (name, patch) =>
      basinLock.exclusive(name, async () => {
        checkRetention(patch.defaults?.retention);
        const row = await requireActiveBasin(context, name);
        const settings = patchBasin(row.settings, patch);
        await table.put(name, { ...row, settings });
        return settings;
      }),

    async delete(name) {
      await basinLock.exclusive(name, async () => {
        const row = await requireBasin(context, name);
        if (row.deletedAt === null) await table.put(name, { ...row, deletedAt: clock.epoch() });
      });
      onDeleted(name);
    },
  };
}

/** @throws ServiceError 422 for a basin that would have to move. */
function checkPlace(existing: BasinRow | undefined, asked: string | undefined): void {
  const place = existing?.location ?? undefined;
  if (asked !== undefined && place !== undefined && place !== asked) {
    throw invalid(`basin location cannot be changed from \`${place}\``);
  }
}

function infoOf(name: string, row: BasinRow): BasinInfo {
  return { name, location: row.location, createdAt: row.createdAt, deletedAt: row.deletedAt };
}

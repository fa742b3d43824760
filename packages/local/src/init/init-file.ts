import { invalidArgument } from "@s2-dev/streamstore-core";
import {
  type Check,
  expect,
  flag,
  isObject,
  nullable,
  oneOf,
  shape,
  text,
  uniqueList,
} from "../options/check.js";
import {
  type BasinSettings,
  type Cipher,
  EMPTY_LAYER,
  type Retention,
  type StreamConfigLayer,
  type TimestampingMode,
} from "../service/configs.js";
import { ServiceError } from "../service/errors.js";
import { basinNameFault, streamNameFault } from "../service/names.js";
import type { Service } from "../service/service.js";
import { durationSecs } from "./duration.js";

/** Configuration of a stream in an init file, where durations are texts such as `7days`. */
export interface InitStreamConfig {
  /** Where recent records are stored, such as `"express"`; kept, and without effect here. */
  readonly storage_class?: string | null;
  /** `"infinite"`, or a duration. */
  readonly retention_policy?: string | null;
  /** Whose time counts. */
  readonly timestamping?: {
    readonly mode?: TimestampingMode | null;
    readonly uncapped?: boolean | null;
  } | null;
  /** When an empty stream is deleted, as a duration such as `"1h"`. */
  readonly delete_on_empty?: { readonly min_age?: string | null } | null;
}

/** Configuration of a basin in an init file. */
export interface InitBasinConfig {
  /** What streams have that do not say otherwise. */
  readonly default_stream_config?: InitStreamConfig | null;
  /** The cipher of new streams; none if left out. */
  readonly stream_cipher?: Cipher | null;
  /** Whether an append to a stream that is not there creates it. */
  readonly create_stream_on_append?: boolean | null;
  /** Whether a read of a stream that is not there creates it. */
  readonly create_stream_on_read?: boolean | null;
}

/** Basins and streams that are to exist, as `s2 lite --init-file` takes them. */
export interface InitFile {
  /** What is ensured at every start, in this order. */
  readonly basins?: readonly {
    readonly name: string;
    readonly config?: InitBasinConfig | null;
    readonly streams?: readonly { readonly name: string; readonly config?: InitStreamConfig | null }[];
  }[];
}

const STREAM_CONFIG = shape({
  storage_class: nullable(text),
  retention_policy: nullable((value, where) => void retentionOf(value, where)),
  timestamping: nullable(
    shape({ mode: nullable(oneOf("client-prefer", "client-require", "arrival")), uncapped: nullable(flag) }),
  ),
  delete_on_empty: nullable(shape({ min_age: nullable((value, where) => void secondsOf(value, where)) })),
});
const BASIN_CONFIG = shape({
  default_stream_config: nullable(STREAM_CONFIG),
  stream_cipher: nullable(oneOf("aegis-256", "aes-256-gcm")),
  create_stream_on_append: nullable(flag),
  create_stream_on_read: nullable(flag),
});
const STREAM = shape({ name: name(streamNameFault), config: nullable(STREAM_CONFIG) }, ["name"]);
const BASIN = shape(
  { name: name(basinNameFault), config: nullable(BASIN_CONFIG), streams: uniqueList(STREAM) },
  ["name"],
);

/**
 * Checks what an init file holds. Unknown keys are refused, but for those beside `basins`; without `basins` they are one
 * that was misspelt, unless they begin with `$`.
 * @throws S2Error that names the place.
 */
export function parseInit(value: unknown): InitFile {
  expect(isObject(value) && !("then" in value), "init", "an object, and no promise of one", value);
  const { basins, ...others } = value;
  const other = Object.keys(others).find((key) => !key.startsWith("$"));
  expect(basins !== undefined || other === undefined, "init", "an object with `basins`", other);
  if (basins !== undefined) uniqueList(BASIN)(basins, "basins");
  return value as InitFile;
}

/**
 * Ensures everything that an init file names; of what was being deleted when the server before this one ended, the
 * deletion is completed first.
 * @throws S2Error that names the place.
 */
export async function applyInit(service: Service, init: InitFile): Promise<void> {
  for (const basin of parseInit(init).basins ?? []) {
    await afterDeletion(service, () => service.basins.ensure(basin.name, basinSettings(basin.config ?? {})));
    for (const stream of basin.streams ?? []) {
      await afterDeletion(service, () =>
        service.streams.ensure(basin.name, stream.name, layerOf(stream.config)),
      );
    }
  }
}

async function afterDeletion(service: Service, ensure: () => Promise<unknown>): Promise<void> {
  try {
    await ensure();
  } catch (error) {
    const isPending = error instanceof ServiceError && PENDING.includes(error.code);
    if (!isPending) throw error;
    await service.janitor.takenUp();
    await ensure();
  }
}

const PENDING: readonly (string | undefined)[] = ["basin_deletion_pending", "stream_deletion_pending"];

function basinSettings(config: InitBasinConfig): BasinSettings {
  return {
    defaults: layerOf(config.default_stream_config),
    streamCipher: config.stream_cipher ?? null,
    createOnAppend: config.create_stream_on_append ?? false,
    createOnRead: config.create_stream_on_read ?? false,
  };
}

function layerOf(config: InitStreamConfig | null | undefined): StreamConfigLayer {
  if (config === null || config === undefined) return EMPTY_LAYER;
  const { retention_policy: retention, delete_on_empty: deleteOnEmpty } = config;
  return {
    storageClass: config.storage_class ?? null,
    retention: retention == null ? null : retentionOf(retention, "retention_policy"),
    mode: config.timestamping?.mode ?? null,
    uncapped: config.timestamping?.uncapped ?? null,
    minAgeSecs: deleteOnEmpty?.min_age == null ? null : secondsOf(deleteOnEmpty.min_age, "min_age"),
  };
}

function retentionOf(value: unknown, where: string): Retention {
  if (typeof value === "string" && value.toLowerCase() === "infinite") return "infinite";
  const ageSecs = secondsOf(value, where);
  expect(ageSecs > 0, where, "more than 0 seconds");
  return { ageSecs };
}

function secondsOf(value: unknown, where: string): number {
  const seconds = typeof value === "string" ? durationSecs(value) : undefined;
  expect(seconds !== undefined, where, 'a duration such as "7days" or "2h 30m"');
  expect(Number.isSafeInteger(seconds), where, `at most ${Number.MAX_SAFE_INTEGER} seconds`, value);
  return seconds;
}

function name(faultOf: (text: string) => string | undefined): Check {
  return (value, where) => {
    text(value, where);
    const fault = faultOf(value as string);
    if (fault !== undefined) throw invalidArgument(`${where}: ${fault}`);
  };
}

import type * as core from "@s2-dev/streamstore-core";
import { type Fields, fromWire, renamed, toWire } from "./renaming.js";

/** Algorithm of a basin whose records are stored under a key of the client. */
export type EncryptionAlgorithm = core.EncryptionAlgorithm;

/** Deletion of a stream that has become empty. */
export interface DeleteOnEmptyConfig {
  /** Age from which an empty stream is deleted, in seconds; 0 for never. */
  minAgeSecs?: number;
}

/** How record timestamps are made. */
export interface TimestampingConfig {
  /** Whose time counts. */
  mode?: core.TimestampingMode | null;
  /** Whether a writer's timestamp may lie in the future. */
  uncapped?: boolean | null;
}

/** How long records live. */
export type RetentionPolicy = { ageSecs: number } | { infinite: core.InfiniteRetention };

/** Configuration of a stream. What is unset or `null` comes from the basin's default, else from the service's. */
export interface StreamConfig {
  /** When an empty stream is deleted. */
  deleteOnEmpty?: DeleteOnEmptyConfig | null;
  /** How long records are kept. */
  retentionPolicy?: RetentionPolicy | null;
  /** Where recent records are stored. */
  storageClass?: core.StorageClass | null;
  /** Where timestamps come from. */
  timestamping?: TimestampingConfig | null;
}

/** Configuration of a basin. */
export interface BasinConfig {
  /** Whether an append to a stream that is not there creates it. */
  createStreamOnAppend?: boolean;
  /** Whether a read of a stream that is not there creates it. */
  createStreamOnRead?: boolean;
  /** What streams have that do not say otherwise. */
  defaultStreamConfig?: StreamConfig | null;
  /** The cipher of streams that are created from now on. */
  streamCipher?: EncryptionAlgorithm | null;
}

export const STREAM_CONFIG: Fields = {
  deleteOnEmpty: renamed("delete_on_empty", { minAgeSecs: renamed("min_age_secs") }),
  retentionPolicy: renamed("retention_policy", { ageSecs: renamed("age"), infinite: renamed("infinite") }),
  storageClass: renamed("storage_class"),
  timestamping: renamed("timestamping", { mode: renamed("mode"), uncapped: renamed("uncapped") }),
};

export const BASIN_CONFIG: Fields = {
  createStreamOnAppend: renamed("create_stream_on_append"),
  createStreamOnRead: renamed("create_stream_on_read"),
  defaultStreamConfig: renamed("default_stream_config", STREAM_CONFIG),
  streamCipher: renamed("stream_cipher"),
};

export function streamConfigToWire(config: StreamConfig): core.StreamConfig {
  return toWire<core.StreamConfig>(STREAM_CONFIG, config, "streamConfig");
}

export function streamConfigFromWire(config: core.StreamConfig): StreamConfig {
  return fromWire<StreamConfig>(STREAM_CONFIG, config);
}

export function basinConfigFromWire(config: core.BasinConfig): BasinConfig {
  return fromWire<BasinConfig>(BASIN_CONFIG, config);
}

import type * as core from "@s2-dev/streamstore-core";
import { type Fields, fromWire, renamed, toWire } from "./renaming.js";

/** Algorithm of a basin whose records are stored under a key of the client. */
export type EncryptionAlgorithm = core.EncryptionAlgorithm;

/** Deletion of a stream that has become empty. */
export interface DeleteOnEmptyConfig {
  minAgeSecs?: number;
}

/** How record timestamps are made. */
export interface TimestampingConfig {
  mode?: core.TimestampingMode | null;
  uncapped?: boolean | null;
}

/** How long records live. */
export type RetentionPolicy = { ageSecs: number } | { infinite: core.InfiniteRetention };

/** Configuration of a stream. What is unset or `null` comes from the basin's default, else from the service's. */
export interface StreamConfig {
  deleteOnEmpty?: DeleteOnEmptyConfig | null;
  retentionPolicy?: RetentionPolicy | null;
  storageClass?: core.StorageClass | null;
  timestamping?: TimestampingConfig | null;
}

/** Configuration of a basin. */
export interface BasinConfig {
  createStreamOnAppend?: boolean;
  createStreamOnRead?: boolean;
  defaultStreamConfig?: StreamConfig | null;
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
  return toWire<core.StreamConfig>(STREAM_CONFIG, config);
}

export function streamConfigFromWire(config: core.StreamConfig): StreamConfig {
  return fromWire<StreamConfig>(STREAM_CONFIG, config);
}

export function basinConfigFromWire(config: core.BasinConfig): BasinConfig {
  return fromWire<BasinConfig>(BASIN_CONFIG, config);
}

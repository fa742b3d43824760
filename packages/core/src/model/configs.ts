import type { U64 } from "./names.js";

/**
 * Where recent writes are kept. Open, since the service adds classes; a location says which ones it offers.
 * @see https://s2.dev/docs/concepts/storage-classes
 */
export type StorageClass = "standard" | "express" | (string & {});

/** How timestamps given by clients are treated. */
export type TimestampingMode = "client-prefer" | "client-require" | "arrival";

/** Algorithm with which the service encrypts records under a key that the client sends along. */
export type EncryptionAlgorithm = "aegis-256" | "aes-256-gcm";

/** Retain records unless explicitly trimmed. */
// biome-ignore lint/suspicious/noEmptyInterface: the wire's `{}`, open for what may be added to it
export interface InfiniteRetention {}

/** How long records live: exactly one of an age in seconds (at least 1) and for ever. */
export type RetentionPolicy =
  | {
      /** Age in seconds from which records are trimmed; at least 1. */
      age: U64;
    }
  | {
      /** Retain records unless explicitly trimmed. */
      infinite: InfiniteRetention;
    };

/** Timestamping of a stream. */
export interface TimestampingConfig {
  /** Default `client-prefer`: the client's timestamp, else the time of arrival. */
  mode?: TimestampingMode | null | undefined;
  /** Whether client timestamps may lie beyond the time of arrival; default false. */
  uncapped?: boolean | null | undefined;
}

/** Deletion of a stream that has become empty. */
export interface DeleteOnEmptyConfig {
  /** Seconds that an empty stream lives on; 0 (the default) never deletes it. */
  min_age_secs?: U64 | undefined;
}

/**
 * Configuration of a stream. What is unset or `null` comes from the basin's default, else from the service's:
 * storage class `express`, retention of 7 days, `client-prefer` capped, never deleted on empty.
 */
export interface StreamConfig {
  /** Storage class of recent writes. */
  storage_class?: StorageClass | null | undefined;
  /** How long records live. */
  retention_policy?: RetentionPolicy | null | undefined;
  /** How record timestamps are made. */
  timestamping?: TimestampingConfig | null | undefined;
  /** Whether and when an empty stream is deleted. */
  delete_on_empty?: DeleteOnEmptyConfig | null | undefined;
}

/** A change of `TimestampingConfig`: absent keeps, `null` resets. */
export interface TimestampingReconfiguration {
  /** Whose time counts; `null` takes that back. */
  mode?: TimestampingMode | null | undefined;
  /** Whether a writer's timestamp may lie in the future; `null` takes that back. */
  uncapped?: boolean | null | undefined;
}

/** A change of `DeleteOnEmptyConfig`: absent keeps, `null` resets. */
export interface DeleteOnEmptyReconfiguration {
  /** Seconds that an empty stream lives on; 0 never deletes it. */
  min_age_secs?: U64 | null | undefined;
}

/** A change of `StreamConfig`, merged field by field: absent keeps, `null` resets to the default. */
export interface StreamReconfiguration {
  /** Where recent records are stored; `null` takes that back. */
  storage_class?: StorageClass | null | undefined;
  /** How long records are kept; `null` takes that back. */
  retention_policy?: RetentionPolicy | null | undefined;
  /** Where timestamps come from; `null` takes that back. */
  timestamping?: TimestampingReconfiguration | null | undefined;
  /** When an empty stream is deleted; `null` takes that back. */
  delete_on_empty?: DeleteOnEmptyReconfiguration | null | undefined;
}

/** Configuration of a basin. */
export interface BasinConfig {
  /** Default configuration of the basin's streams; what it leaves unset comes from the service. */
  default_stream_config?: StreamConfig | null | undefined;
  /** Cipher of streams created from now on; `null` means none. */
  stream_cipher?: EncryptionAlgorithm | null | undefined;
  /** Create a missing stream when it is appended to; default false. */
  create_stream_on_append?: boolean | undefined;
  /** Create a missing stream when it is read; default false. */
  create_stream_on_read?: boolean | undefined;
}

/** A change of `BasinConfig`: absent keeps; `null` unsets, which the two booleans do not allow. */
export interface BasinReconfiguration {
  /** What streams have that do not say otherwise; `null` takes that back. */
  default_stream_config?: StreamReconfiguration | null | undefined;
  /** The cipher of streams that are created from now on; `null` for none. */
  stream_cipher?: EncryptionAlgorithm | null | undefined;
  /** Whether an append to a stream that is not there creates it. */
  create_stream_on_append?: boolean | undefined;
  /** Whether a read of a stream that is not there creates it. */
  create_stream_on_read?: boolean | undefined;
}

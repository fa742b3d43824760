import * as z from "zod/mini";
import type {
  BasinConfig,
  BasinReconfiguration,
  EncryptionAlgorithm,
  InfiniteRetention,
  RetentionPolicy,
  StorageClass,
  StreamConfig,
  StreamReconfiguration,
  TimestampingConfig,
  TimestampingMode,
  TimestampingReconfiguration,
} from "../model/configs.js";
import { describes, type Wide } from "./describes.js";
import { openEnum, u64 } from "./primitives.js";

// Unknown fields are kept here and ignored there, which for no fields at all is the same.
const emptyObject = z.looseObject({}) as unknown as z.ZodMiniType<InfiniteRetention>;
const storageClass = openEnum<StorageClass>();
const timestampingMode = z.enum(["client-prefer", "client-require", "arrival"]);
const encryptionAlgorithm = z.enum(["aegis-256", "aes-256-gcm"]);

const retentionPolicy = describes<Wide<RetentionPolicy>>()(
  z.union([z.strictObject({ age: u64 }), z.strictObject({ infinite: emptyObject })]),
);
const timestamping = describes<TimestampingConfig>()(
  z.object({ mode: z.nullish(timestampingMode), uncapped: z.nullish(z.boolean()) }),
);

/** `StreamConfig` of a request. */
export const streamConfigRequest = describes<Wide<StreamConfig>>()(
  z.object({
    storage_class: z.nullish(storageClass),
    retention_policy: z.nullish(retentionPolicy),
    timestamping: z.nullish(timestamping),
    delete_on_empty: z.nullish(z.object({ min_age_secs: z.optional(u64) })),
  }),
);

/** `StreamReconfiguration` of a request. */
export const streamReconfigurationRequest = describes<Wide<StreamReconfiguration>>()(
  z.object({
    storage_class: z.nullish(storageClass),
    retention_policy: z.nullish(retentionPolicy),
    timestamping: z.nullish(
      describes<TimestampingReconfiguration>()(
        z.object({ mode: z.nullish(timestampingMode), uncapped: z.nullish(z.boolean()) }),
      ),
    ),
    delete_on_empty: z.nullish(z.object({ min_age_secs: z.nullish(u64) })),
  }),
);

/** `BasinConfig` of a request. */
export const basinConfigRequest = describes<Wide<BasinConfig>>()(
  z.object({
    default_stream_config: z.nullish(streamConfigRequest),
    stream_cipher: z.nullish(encryptionAlgorithm),
    create_stream_on_append: z.optional(z.boolean()),
    create_stream_on_read: z.optional(z.boolean()),
  }),
);

/** `BasinReconfiguration` of a request; the service refuses `null` for its booleans. */
export const basinReconfigurationRequest = describes<Wide<BasinReconfiguration>>()(
  z.object({
    default_stream_config: z.nullish(streamReconfigurationRequest),
    stream_cipher: z.nullish(encryptionAlgorithm),
    create_stream_on_append: z.optional(z.boolean()),
    create_stream_on_read: z.optional(z.boolean()),
  }),
);

/** `StreamConfig` of an answer. */
export const streamConfig = describes<Wide<StreamConfig>>()(
  z.looseObject({
    storage_class: z.nullish(storageClass),
    retention_policy: z.nullish(
      describes<Wide<RetentionPolicy>>()(
        z.union([z.looseObject({ age: u64 }), z.looseObject({ infinite: emptyObject })]),
      ),
    ),
    timestamping: z.nullish(
      describes<TimestampingConfig>()(
        z.looseObject({ mode: z.nullish(openEnum<TimestampingMode>()), uncapped: z.nullish(z.boolean()) }),
      ),
    ),
    delete_on_empty: z.nullish(z.looseObject({ min_age_secs: z.optional(u64) })),
  }),
);

/** Cipher in an answer. */
export const cipher = openEnum<EncryptionAlgorithm>();

/** `BasinConfig` of an answer. */
export const basinConfig = describes<Wide<BasinConfig>>()(
  z.looseObject({
    default_stream_config: z.nullish(streamConfig),
    stream_cipher: z.nullish(cipher),
    create_stream_on_append: z.optional(z.boolean()),
    create_stream_on_read: z.optional(z.boolean()),
  }),
);

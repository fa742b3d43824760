import * as z from "zod/mini";
import { checkLocation } from "../model/managed-names.js";
import { checkBasinName, checkStreamName } from "../model/names.js";
import type {
  BasinInfoOnWire,
  BasinScope,
  BasinState,
  CreateBasinRequest,
  CreateStreamRequest,
  EnsureBasinRequest,
  ListBasinsResponseOnWire,
  ListStreamsResponse,
  StreamInfo,
} from "../model/resources.js";
import { basinConfigRequest, cipher, streamConfigRequest } from "./configs.js";
import { describes, type Wide } from "./describes.js";
import { checked, openEnum } from "./primitives.js";

/** Name of a location in a request. */
export const location = checked(
  checkLocation,
  "location must be 1 to 64 ASCII letters, digits, colons, hyphens and dots",
);
const basinName = checked(checkBasinName, "basin must be 8 to 48 bytes of a-z, 0-9 and hyphens");
const streamName = checked(checkStreamName, 'stream must be 1 to 512 bytes without NUL, not "." or ".."');

/** Body of `create_basin`. */
export const createBasinRequest = describes<Wide<CreateBasinRequest>>()(
  z.object({ basin: basinName, config: z.nullish(basinConfigRequest), location: z.nullish(location) }),
);

/** Body of `ensure_basin`, which may also be left out. */
export const ensureBasinRequest = describes<Wide<EnsureBasinRequest>>()(
  z.object({ config: z.nullish(basinConfigRequest), location: z.nullish(location) }),
);

/** Body of `create_stream`. */
export const createStreamRequest = describes<Wide<CreateStreamRequest>>()(
  z.object({ stream: streamName, config: z.nullish(streamConfigRequest) }),
);

/** A basin in an answer. */
export const basinInfo = describes<BasinInfoOnWire>()(
  z.looseObject({
    name: z.string(),
    location: z.nullish(z.string()),
    scope: z.nullish(openEnum<BasinScope>()),
    created_at: z.string(),
    deleted_at: z.nullish(z.string()),
    state: z.optional(openEnum<BasinState>()),
  }),
);

/** A stream in an answer. */
export const streamInfo = describes<StreamInfo>()(
  z.looseObject({
    name: z.string(),
    created_at: z.string(),
    deleted_at: z.nullish(z.string()),
    cipher: z.nullish(cipher),
  }),
);

/** Answer of `list_basins`. */
export const listBasinsResponse = describes<ListBasinsResponseOnWire>()(
  z.looseObject({ basins: z.array(basinInfo), has_more: z.boolean() }),
);

/** Answer of `list_streams`. */
export const listStreamsResponse = describes<ListStreamsResponse>()(
  z.looseObject({ streams: z.array(streamInfo), has_more: z.boolean() }),
);

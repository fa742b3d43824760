import * as z from "zod/mini";
import type { StorageClass } from "../model/configs.js";
import type { LocationInfo } from "../model/locations.js";
import { describes } from "./describes.js";
import { openEnum } from "./primitives.js";

const storageClass = openEnum<StorageClass>();

/** A location in an answer. */
export const locationInfo = describes<LocationInfo>()(
  z.looseObject({
    name: z.string(),
    is_private: z.boolean(),
    storage_classes: z.nullish(z.array(storageClass)),
    default_storage_class: z.nullish(storageClass),
  }),
);

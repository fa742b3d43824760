import * as z from "zod/mini";
import type { AppendConditionFailed, ErrorInfo } from "../model/records-on-wire.js";
import { describes, type Wide } from "./describes.js";
import { u64 } from "./primitives.js";
import { tailResponse } from "./records.js";

/** Body of an error with a code. */
export const errorInfo = describes<ErrorInfo>()(z.looseObject({ code: z.string(), message: z.string() }));

/** Body of a 412. */
export const appendConditionFailed = describes<Wide<AppendConditionFailed>>()(
  z.union([z.looseObject({ fencing_token_mismatch: z.string() }), z.looseObject({ seq_num_mismatch: u64 })]),
);

/** What the body of an error of this status looks like, if it has one (404, 405 and 415 may come without). */
export function errorSchemaOf(status: number): z.ZodMiniType {
  if (status === 412) return appendConditionFailed;
  return status === 416 ? tailResponse : errorInfo;
}

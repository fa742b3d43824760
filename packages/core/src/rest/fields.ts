import { checkBoolean, checkInteger, checkObject, checkText } from "../model/checks.js";
import {
  type Check,
  checkBasinConfig,
  checkDeleteOnEmptyChange,
  checkOptionalRetention,
  checkOptionalWord,
  checkStreamConfig,
  checkStreamReconfiguration,
  checkTimestamping,
  checkWord,
  nullable,
} from "../model/config-checks.js";
import {
  checkAccessTokenId,
  checkAccessTokenPrefix,
  checkBasinPrefix,
  checkLocation,
  checkPageLimit,
  checkStreamPrefix,
} from "../model/managed-names.js";
import { checkBasinName, checkStreamName } from "../model/names.js";

/** How a value stands in a path or query, or that it is only ever JSON. */
export type WireForm = "text" | "integer" | "boolean" | "json";

/** What a field of a request holds: its form on the wire, and the check made before anything is sent. */
export interface FieldKindFacts {
  readonly form: WireForm;
  readonly check: Check;
}

const MAX_U32 = 0xffff_ffff;
// The longest a word of the service may sensibly be in a URL.
const MAX_WORD_BYTES = 512;

/** Every kind of field that a request can have. */
export const FIELD_KINDS = {
  access_token_id: { form: "text", check: checkAccessTokenId },
  access_token_prefix: { form: "text", check: checkAccessTokenPrefix },
  access_token_scope: { form: "json", check: checkObject },
  basin: { form: "text", check: checkBasinName },
  basin_config: { form: "json", check: /* @__PURE__ */ nullable(checkBasinConfig) },
  basin_prefix: { form: "text", check: checkBasinPrefix },
  boolean: { form: "boolean", check: checkBoolean },
  delete_on_empty_change: { form: "json", check: checkDeleteOnEmptyChange },
  location: { form: "text", check: checkLocation },
  optional_date: {
    form: "json",
    check: /* @__PURE__ */ nullable((value, field) => checkText(value, field, 1, MAX_WORD_BYTES)),
  },
  optional_location: { form: "json", check: /* @__PURE__ */ nullable(checkLocation) },
  optional_word: { form: "json", check: checkOptionalWord },
  page_limit: { form: "integer", check: checkPageLimit },
  retention_policy: { form: "json", check: checkOptionalRetention },
  stream: { form: "text", check: checkStreamName },
  stream_config: { form: "json", check: checkStreamConfig },
  optional_stream_config: { form: "json", check: /* @__PURE__ */ nullable(checkStreamConfig) },
  optional_stream_change: { form: "json", check: /* @__PURE__ */ nullable(checkStreamReconfiguration) },
  stream_prefix: { form: "text", check: checkStreamPrefix },
  timestamping_change: { form: "json", check: checkTimestamping },
  u32: { form: "integer", check: (value, field) => checkInteger(value, field, 0, MAX_U32) },
  u64: { form: "integer", check: (value, field) => checkInteger(value, field) },
  word: { form: "text", check: checkWord },
} as const satisfies Record<string, FieldKindFacts>;

export type FieldKind = keyof typeof FIELD_KINDS;

/** Where a field of the flat argument bag goes: to exactly one place. */
export interface Field<Required extends boolean = boolean> {
  readonly in: "path" | "query" | "body";
  readonly kind: FieldKind;
  readonly required: Required;
  /** Name on the wire, where it is another one. */
  readonly as?: string;
}

export function inPath(kind: FieldKind): Field<true> & { readonly in: "path" } {
  return { in: "path", kind, required: true };
}

export function inQuery(kind: FieldKind): Field<false> & { readonly in: "query" } {
  return { in: "query", kind, required: false };
}

export function neededInQuery(kind: FieldKind): Field<true> & { readonly in: "query" } {
  return { in: "query", kind, required: true };
}

export function inBody(kind: FieldKind, as?: string): Field<false> & { readonly in: "body" } {
  return { in: "body", kind, required: false, ...(as === undefined ? {} : { as }) };
}

export function neededInBody(kind: FieldKind): Field<true> & { readonly in: "body" } {
  return { in: "body", kind, required: true };
}

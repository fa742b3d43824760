import { checkBoolean, checkInteger, checkObject, refused } from "./checks.js";
import { checkOptionNames } from "./shapes.js";

/** Throws `INVALID_ARGUMENT` naming the field when the value breaks a rule. */
export type Check = (value: unknown, field: string) => void;

/** One of the service's words, or `null` for the default. */
export const checkOptionalWord: Check = /* @__PURE__ */ nullable(checkWord);

/** `timestamping` of a configuration or of a change of one. */
export const checkTimestamping: Check = /* @__PURE__ */ nullable(
  /* @__PURE__ */ shape({
    mode: /* @__PURE__ */ nullable(checkWord),
    uncapped: /* @__PURE__ */ nullable(checkBoolean),
  }),
);

/** `delete_on_empty` of a change, where the age may be reset by `null`. */
export const checkDeleteOnEmptyChange: Check = /* @__PURE__ */ nullable(
  /* @__PURE__ */ shape({ min_age_secs: /* @__PURE__ */ nullable(checkSeconds) }),
);

/** `retention_policy` of a configuration or of a change of one. */
export const checkOptionalRetention: Check = /* @__PURE__ */ nullable(checkRetentionPolicy);

/** Throws `INVALID_ARGUMENT` unless the service can take the value as a `StreamConfig`. */
export const checkStreamConfig: Check = /* @__PURE__ */ shape({
  storage_class: checkOptionalWord,
  retention_policy: checkOptionalRetention,
  timestamping: checkTimestamping,
  delete_on_empty: /* @__PURE__ */ nullable(/* @__PURE__ */ shape({ min_age_secs: checkSeconds })),
});

/** Throws `INVALID_ARGUMENT` unless the service can take the value as a `StreamReconfiguration`. */
export const checkStreamReconfiguration: Check = /* @__PURE__ */ shape({
  storage_class: checkOptionalWord,
  retention_policy: checkOptionalRetention,
  timestamping: checkTimestamping,
  delete_on_empty: checkDeleteOnEmptyChange,
});

/** Throws `INVALID_ARGUMENT` unless the service can take the value as a `BasinConfig`. */
export const checkBasinConfig: Check = /* @__PURE__ */ shape({
  default_stream_config: /* @__PURE__ */ nullable(checkStreamConfig),
  stream_cipher: checkOptionalWord,
  create_stream_on_append: checkBoolean,
  create_stream_on_read: checkBoolean,
});

/** Lets `null` pass: in a configuration it means "the default". */
export function nullable(check: Check): Check {
  return (value, field) => {
    if (value !== null) check(value, field);
  };
}

/** One of the service's words. Which ones it knows is for the service to say, since it learns new ones. */
export function checkWord(value: unknown, field: string): asserts value is string {
  if (typeof value !== "string" || value === "") throw refused(field, "be a non-empty text", value);
}

/** Exactly one key, as the service demands; age 0 would be refused there with 422. */
function checkRetentionPolicy(value: unknown, field: string): void {
  checkObject(value, field);
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (keys.length !== 1 || (keys[0] !== "age" && keys[0] !== "infinite")) {
    const given = keys.length === 0 ? "{}" : `{ ${keys.join(", ")} }`;
    throw refused(field, "have exactly one of the keys age and infinite", given);
  }
  if (keys[0] === "age") checkInteger(value.age, `${field}.age`, 1);
  else checkObject(value.infinite, `${field}.infinite`);
}

function checkSeconds(value: unknown, field: string): void {
  checkInteger(value, field);
}

/** Checks the fields it knows and lets others pass, as the service does, but not one that is only written otherwise. */
function shape(fields: Readonly<Record<string, Check>>): Check {
  return (value, field) => {
    checkObject(value, field);
    checkOptionNames(value, field, Object.keys(fields));
    for (const [name, check] of Object.entries(fields)) {
      const member = value[name];
      if (member !== undefined) check(member, `${field}.${name}`);
    }
  };
}

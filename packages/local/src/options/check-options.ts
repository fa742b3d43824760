import { parseInit } from "../init/init-file.js";
import type { LocalOptions } from "../local-options.js";
import { locationFault } from "../service/names.js";
import {
  anything,
  type Check,
  callback,
  expect,
  filledText,
  flag,
  integer,
  isObject,
  list,
  nullable,
  shape,
  uniqueList,
} from "./check.js";

const MAX_PORT = 65_535;
/** The longest wait that a timer can hold, in milliseconds. */
const MAX_MS = 2 ** 31 - 1;
const wait = integer(0, MAX_MS);
const timeout = integer(1, MAX_MS);

/** What somebody else has made, which has these methods. */
function madeOf(...methods: readonly string[]): Check {
  return (value, where) => {
    const hasAll = isObject(value) && methods.every((name) => typeof value[name] === "function");
    expect(hasAll, where, `an object with ${methods.map((name) => `${name}()`).join(", ")}`, value);
  };
}

const hasStorage = madeOf(
  "streams",
  "table",
  "openLog",
  "inspectLog",
  "dropLog",
  "expire",
  "newLogId",
  "close",
);
const hasRows = madeOf("get", "put", "delete", "list");

const tls: Check = (value, where) => {
  if (value === "self-signed") return;
  expect(isObject(value), where, 'either "self-signed" or an object with `cert` and `key`', value);
  shape({ cert: filledText, key: filledText }, ["cert", "key"])(value, where);
};

const location = shape(
  {
    name(value, where) {
      filledText(value, where);
      const fault = locationFault(value as string);
      expect(fault === undefined, where, `a name that is allowed (${fault})`, value);
    },
    is_private: flag,
    storage_classes: nullable(list(filledText)),
    default_storage_class: nullable(filledText),
  },
  ["name", "is_private"],
);

/** A token is never shown. */
const rootToken: Check = (value, where) => {
  expect(typeof value === "string", where, "a string");
  const isSendable = /^[\x21-\x7e]+$/.test(value);
  expect(
    isSendable,
    where,
    "visible ASCII characters without blanks, and at least one, as a header has them",
  );
};

const CHECKS: Readonly<Record<keyof LocalOptions, Check>> = {
  port: integer(0, MAX_PORT),
  listen: flag,
  host: filledText,
  dir: filledText,
  storage(value, where) {
    hasStorage(value, where);
    hasRows((value as { basins?: unknown }).basins, `${where}.basins`);
  },
  state: anything,
  clock: madeOf("now", "timer"),
  random: callback,
  init: (value) => void parseInit(value),
  cors: flag,
  appendInflightBytes: integer(1),
  deletionMs: wait,
  drainMs: wait,
  timeouts: shape({
    helloMs: timeout,
    headersMs: timeout,
    bodyMs: timeout,
    wholeBodyMs: timeout,
    pingMs: timeout,
  }),
  unref: flag,
  auth: shape({ rootToken }, ["rootToken"]),
  tls,
  locations(value, where) {
    uniqueList(location)(value, where);
    expect((value as unknown[]).length > 0, where, "a list of at least one location");
  },
  faults: list(anything),
  admin: flag,
  dashboard: flag,
  onRequest: callback,
  onAnswer: callback,
};

/** Options of who listens. */
const OF_A_PORT = ["port", "host", "tls"] as const;

/** @throws S2Error that names the option, its value and the limit. */
export function checkOptions(options: LocalOptions): void {
  expect(isObject(options), "options", "an object", options);
  shape(CHECKS)(options, "");
  const isTwice = options.dir !== undefined && options.storage !== undefined;
  expect(!isTwice, "dir and storage", "given one at a time: they say the same");
  if (options.listen !== false) return;
  for (const name of OF_A_PORT)
    expect(
      options[name] === undefined,
      name,
      "left out, or go with `listen: true`: this server does not listen",
    );
}

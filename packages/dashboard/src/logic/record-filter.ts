import { kindOf, type PageRecord, textOf } from "./body-view.js";

/** Decides which records are shown. */
export type RecordFilter = (record: PageRecord) => boolean;

/** A filter that was typed: what it does, or what is wrong with it. `undefined` shows everything. */
export type ParsedFilter = { readonly filter: RecordFilter | undefined } | { readonly error: string };

/**
 * Reads a filter. Its words must all hold; `"…"` keeps spaces, and `-` before a word turns it round.
 *
 * - `word`: in the body or in a header's value, whatever its case
 * - `/pattern/`: a regular expression that the body matches; `/pattern/i` whatever its case
 * - `is:command`, `is:fence`, `is:trim`, `is:record`
 * - `header:name`, `header:name=value`: has that header, with that value
 */
export function parseFilter(text: string): ParsedFilter {
  const tests: RecordFilter[] = [];
  for (const [, minus, pattern, flags, prefix = "", quoted, bare] of text.matchAll(
    /(-?)(?:\/((?:[^/\\]|\\.)+)\/(i?)(?=\s|$)|((?:header|is):)?(?:"([^"]*)"|(\S+)))/g,
  )) {
    let test: RecordFilter;
    if (pattern !== undefined) {
      try {
        const expression = new RegExp(pattern, flags);
        test = (record) => expression.test(textOf(record.body));
      } catch (error) {
        return { error: (error as Error).message };
      }
    } else {
      const word = quoted ?? bare ?? "";
      const made = prefix === "is:" ? isTest(word) : prefix === "header:" ? headerTest(word) : wordTest(word);
      if (made === undefined) return { error: `is:${word} is not known: command, fence, trim or record` };
      test = made;
    }
    tests.push(minus === "-" ? (record) => !test(record) : test);
  }
  if (tests.length === 0) return { filter: undefined };
  return { filter: (record) => tests.every((test) => test(record)) };
}

function wordTest(word: string): RecordFilter {
  const wanted = word.toLowerCase();
  return (record) =>
    textOf(record.body).toLowerCase().includes(wanted) ||
    record.headers.some(([, value]) => textOf(value).toLowerCase().includes(wanted));
}

function isTest(word: string): RecordFilter | undefined {
  if (word === "command") return (record) => kindOf(record).kind !== "record";
  if (word !== "fence" && word !== "trim" && word !== "record") return undefined;
  return (record) => kindOf(record).kind === word;
}

function headerTest(word: string): RecordFilter {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const value = equals < 0 ? undefined : word.slice(equals + 1);
  return (record) =>
    record.headers.some(
      ([own, given]) => textOf(own) === name && (value === undefined || textOf(given) === value),
    );
}

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServerName } from "./options.js";

const README = fileURLToPath(new URL("../README.md", import.meta.url));
const GUIDE = fileURLToPath(new URL("../../../docs/performance.md", import.meta.url));

/** Where tables stand: those of a server, those of the cases with a target alone, and that of the guide. */
export type Place = ServerName | "targets" | "measured";

/** Replaces tables in the README, between their two comments. */
export function writeReadme(place: Place, tables: string): void {
  writeFileSync(README, withTables(readFileSync(README, "utf8"), place, tables));
}

/** Replaces the table of the guide on performance. */
export function writeGuide(table: string): void {
  writeFileSync(GUIDE, withTables(readFileSync(GUIDE, "utf8"), "measured", table));
}

/** The text with the tables in their place; throws where it has none. */
export function withTables(text: string, place: Place, tables: string): string {
  const open = `<!-- ${place}: begin -->`;
  const close = `<!-- ${place}: end -->`;
  const from = text.indexOf(open);
  const until = text.indexOf(close);
  if (from < 0 || until < from) throw new Error(`the page has no place for the tables of ${place}`);
  return `${text.slice(0, from + open.length)}\n\n${tables.trim()}\n\n${text.slice(until)}`;
}

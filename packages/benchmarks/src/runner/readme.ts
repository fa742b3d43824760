import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServerName } from "./options.js";

const README = fileURLToPath(new URL("../README.md", import.meta.url));

/** Replaces the table of a server in the README, between its two comments. */
export function writeReadme(server: ServerName, tables: string): void {
  writeFileSync(README, withTables(readFileSync(README, "utf8"), server, tables));
}

/** The text with the tables in their place; throws where it has none. */
export function withTables(text: string, server: ServerName, tables: string): string {
  const open = `<!-- ${server}: begin -->`;
  const close = `<!-- ${server}: end -->`;
  const from = text.indexOf(open);
  const until = text.indexOf(close);
  if (from < 0 || until < from) throw new Error(`the README has no place for the tables of ${server}`);
  return `${text.slice(0, from + open.length)}\n\n${tables.trim()}\n\n${text.slice(until)}`;
}

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ServerName } from "@s2-dev/conformance/servers/server.js";
import type { SocketWire } from "@s2-dev/conformance/targets.js";
import { concernsTarget, type Limit } from "../guest/suite.js";
import type { RuntimeSpec } from "./runtimes.js";

const page = fileURLToPath(new URL("../../../../docs/runtimes.md", import.meta.url));
const BEGIN = "<!-- matrix: written by `pnpm runtimes` -->";
const END = "<!-- /matrix -->";

/** What a runtime showed over one transport against one server. */
export interface MatrixRow {
  readonly spec: RuntimeSpec;
  readonly version: string;
  readonly wire: SocketWire;
  readonly server: ServerName;
  readonly shown: number;
  readonly failed: number;
}

/** Replaces the table of the page. */
export async function writeMatrix(rows: readonly MatrixRow[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const [before = "", rest = ""] = text.split(BEGIN);
  const [, after = ""] = rest.split(END);
  await writeFile(page, `${before}${BEGIN}\n\n${matrixTable(rows)}\n${END}${after}`);
}

/** The table in Markdown, and below it what runtimes cannot show. */
export function matrixTable(rows: readonly MatrixRow[]): string {
  // One note for a limit, whatever it is shown on.
  const notes = new Map<string, Set<string>>();
  const note = (text: string, on: string): void => {
    notes.set(text, (notes.get(text) ?? new Set()).add(on));
  };
  const lines = rows.map(({ spec, version, wire, server, shown, failed }) => {
    const limits = spec.limits.filter((limit) => concernsTarget(limit, { wire, server }));
    if (wire === "fetch" && server === "local" && spec.keptByFetch !== undefined)
      note(keptNote(spec.keptByFetch.issue), `${spec.name}, ${wire}`);
    for (const limit of limits) {
      const on = `${spec.name}, ${wire}`;
      note(limitNote(limit), limit.server === undefined ? on : `${on}, ${limit.server}`);
    }
    const all = shown + failed;
    const result = failed > 0 ? `**${failed} of ${all} failed**` : `${shown - limits.length} of ${all}`;
    const stated = limits.length === 0 ? result : `${result}; ${limits.length} stated below`;
    return `| ${spec.name} | ${version} | ${wire} | ${server} | ${stated} |`;
  });
  return [
    "| runtime | version | transport | server | behaviours shown |",
    "|---|---|---|---|---|",
    ...lines,
    "",
    "What a runtime cannot show, and has to fail at in every run:",
    "",
    ...[...notes].map(([text, on]) => `- ${[...on].join("; ")}: ${text}`),
    "",
  ].join("\n");
}

function limitNote({ says, reason, issue }: Limit): string {
  return `"${says}": ${reason} ([${shortOf(issue)}](${issue})).`;
}

function keptNote(issue: string): string {
  return `a program that leaves a read session open over \`fetch\` is kept alive by the body of its answer, which \`fetch\` offers no way to let go of ([${shortOf(issue)}](${issue})). Close or cancel the session; over s2s, the default, nothing keeps it.`;
}

/** `owner/repository#number`, as people write it. */
function shortOf(issue: string): string {
  return issue.replace(/^https:\/\/github\.com\/([^/]+\/[^/]+)\/(?:issues|pull)\/(\d+)$/, "$1#$2");
}

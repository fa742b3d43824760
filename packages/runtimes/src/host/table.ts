import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { ServerName } from "@s2-dev/conformance/servers/server.js";
import type { SocketWire } from "@s2-dev/conformance/targets.js";
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
  const lines = rows.map(({ spec, version, wire, server, shown, failed }) => {
    const limits = limitsOn(spec, wire).length;
    const result = failed > 0 ? `**${failed} of ${shown + failed} failed**` : `all ${shown}`;
    const stated = limits === 0 ? result : `${result}, of which ${limits} by a limit`;
    return `| ${spec.name} | ${version} | ${wire} | ${server} | ${stated} |`;
  });
  const limits = rows
    .filter(({ server }) => server === "local")
    .flatMap(({ spec, wire }) =>
      limitsOn(spec, wire).map(({ says, reason }) => `- ${spec.name}, ${wire}, "${says}": ${reason}`),
    );
  return [
    "| runtime | version | transport | server | behaviours shown |",
    "|---|---|---|---|---|",
    ...lines,
    "",
    ...(limits.length === 0 ? [] : ["Limits of runtimes:", "", ...limits, ""]),
  ].join("\n");
}

function limitsOn(spec: RuntimeSpec, wire: SocketWire) {
  return spec.limits.filter((limit) => (limit.wire ?? wire) === wire);
}

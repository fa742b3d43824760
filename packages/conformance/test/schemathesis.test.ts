import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startLocal } from "@s2-dev/streamstore-local";
import { expect, test } from "vitest";
import { createFastClock } from "../src/faults/fast-clock.js";

/** Cases for each operation. */
const EXAMPLES = process.env.S2_SCHEMATHESIS_EXAMPLES ?? "20";
const SEED = process.env.S2_SCHEMATHESIS_SEED ?? "1";
/** How many times faster than real time the server's clock goes, so that long polls do not last. */
const SPEED = 1000;
/** Everything that speaks of the server; not how a client may behave that ignores the document. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "missing_required_header",
  "allow_header_conformance",
];

const binary = findBinary();
if (binary === undefined) {
  console.warn(
    "!! There is no schemathesis (S2_SCHEMATHESIS_BIN, or on the PATH): its run is SKIPPED. To have it: pip install schemathesis",
  );
}

test.skipIf(binary === undefined)(
  "schemathesis finds no server error, no undocumented status and no other shape",
  { timeout: 600_000 },
  async () => {
    const basin = "generated-basin";
    const config = { create_stream_on_append: true, create_stream_on_read: true };
    await using local = await startLocal({
      clock: createFastClock(SPEED),
      init: { basins: [{ name: basin, config, streams: [{ name: "s" }] }] },
    });
    const folder = mkdtempSync(join(tmpdir(), "s2-schemathesis-"));
    try {
      const child = spawn(
        binary ?? "",
        [
          "run",
          `${local.origin}/openapi.json`,
          ...["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED],
          ...["--checks", CHECKS.join(","), "--request-timeout", "20", "--workers", "1"],
          ...["--continue-on-failure", "--header", `s2-basin: ${basin}`],
        ],
        { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
      );
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      const [code] = (await once(child, "close")) as [number];
      console.log(output.slice(output.indexOf("= SUMMARY =")));
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

function findBinary(): string | undefined {
  const named = process.env.S2_SCHEMATHESIS_BIN;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [
    ...(named === undefined ? [] : [named]),
    ...folders.map((folder) => join(folder, "schemathesis")),
  ].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import type { TestProject } from "vitest/node";
import { findS2Lite, startS2Lite } from "./servers/s2-lite.js";

/** Where s2-lite is, or that there is none. */
export type S2LiteAddress =
  | { readonly origin: string }
  | { readonly missing: string; readonly required: boolean };

declare module "vitest" {
  interface ProvidedContext {
    s2Lite: S2LiteAddress;
  }
}

/** Starts one s2-lite for the whole run, if there is a binary. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binary = findS2Lite();
  if (binary === undefined) {
    project.provide("s2Lite", withoutBinary(process.env.S2_LITE_REQUIRED === "1"));
    return async () => undefined;
  }
  const server = await startS2Lite(binary);
  project.provide("s2Lite", { origin: server.origin });
  return () => server.stop();
}

function withoutBinary(required: boolean): S2LiteAddress {
  const missing = "There is no s2-lite: no S2_LITE_BIN, no s2 on the PATH, none in ~/.cargo/bin";
  const line = "!".repeat(100);
  console.error(
    `\n${line}\n!! ${missing}.\n!! Every behaviour on s2-lite is ${required ? "FAILED, since S2_LITE_REQUIRED=1" : "SKIPPED"}.\n` +
      `!! To run them: cargo install --locked s2-cli@0.43.4\n${line}\n`,
  );
  return { missing, required };
}

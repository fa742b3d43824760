import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { s2Command } from "./servers.js";

it.each([
  ["is not there", join(tmpdir(), "no-such-s2")],
  ["is a folder", tmpdir()],
])("an S2_LITE_BIN that %s is refused by name and value", (_, named) => {
  expect(() => s2Command({ ...process.env, S2_LITE_BIN: named })).toThrow(
    `S2_LITE_BIN is ${JSON.stringify(named)}, which cannot be run`,
  );
});

it("one that can be run is taken, and without one it is s2 on the PATH", () => {
  expect(s2Command({ ...process.env, S2_LITE_BIN: process.execPath })).toBe(process.execPath);
  expect(() => s2Command({ PATH: "" })).toThrow("There is no S2_LITE_BIN, and the command s2 cannot be run");
});

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { portToServe } from "@s2-dev/example-basin/port";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const ended = new Error("the program has ended");

beforeEach(() => {
  vi.stubEnv("PORT", "");
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(process, "exit").mockImplementation(() => {
    throw ended;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it("ends with a line, and no trace, when its port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(portToServe(port)).rejects.toBe(ended);
  expect(process.exit).toHaveBeenCalledWith(1);
  expect(vi.mocked(console.error).mock.calls).toEqual([
    [`Port ${port} is taken: end what runs there, or set PORT to another one.`],
  ]);
  other.close();
  await once(other, "close");
  expect(await portToServe(port)).toBe(port);
});

it("takes PORT before the usual one, and refuses what is no port", async () => {
  vi.stubEnv("PORT", "0");
  expect(await portToServe(3000)).toBe(0);
  vi.stubEnv("PORT", "eighty");
  await expect(portToServe(3000)).rejects.toBe(ended);
  expect(console.error).toHaveBeenCalledWith("PORT is no port: eighty");
});

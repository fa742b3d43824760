import { afterEach, describe, expect, it, vi } from "vitest";
import { S2Environment } from "./environment.js";
import { S2 } from "./index.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("options from the environment", () => {
  it("are those whose variables are set", () => {
    vi.stubEnv("S2_ACCESS_TOKEN", "token");
    vi.stubEnv("S2_ACCOUNT_ENDPOINT", "localhost:1");
    vi.stubEnv("S2_BASIN_ENDPOINT", "");
    expect(S2Environment.parse()).toEqual({ accessToken: "token", endpoints: { account: "localhost:1" } });
    expect(S2Environment.parse({})).toEqual({});
    expect(S2Environment.parse({ S2_BASIN_ENDPOINT: "localhost:2" })).toEqual({
      endpoints: { basin: "localhost:2" },
    });
  });

  it("make a client", () => {
    const environment = {
      S2_ACCESS_TOKEN: "token",
      S2_ACCOUNT_ENDPOINT: "http://localhost:1",
      S2_BASIN_ENDPOINT: "http://localhost:2",
    };
    expect(new S2(S2Environment.parse(environment))).toBeInstanceOf(S2);
  });

  it("are none where there is no environment, or none that may be looked at", () => {
    vi.stubGlobal("process", undefined);
    expect(S2Environment.parse()).toEqual({});
    vi.stubGlobal("process", {
      get env() {
        throw new Error("not allowed");
      },
    });
    expect(S2Environment.parse()).toEqual({});
  });
});

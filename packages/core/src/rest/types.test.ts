import { describe, expect, expectTypeOf, it } from "vitest";
import { resolveEndpoints } from "../model/endpoints.js";
import type { AppendAck } from "../model/position.js";
import type { BasinInfo, EnsureStreamResult, ListBasinsResponse } from "../model/resources.js";
import type { WireResponse } from "../transport/index.js";
import type { OperationName } from "./operation-types.js";
import { buildRequest } from "./request.js";
import { decodeResponse } from "./response.js";

const account = { endpoints: resolveEndpoints() };
const basin = { ...account, basin: "my-basin" };
const randomBytes = (size: number): Uint8Array => new Uint8Array(size);

describe("the types of an operation", () => {
  it("are inferred from its name: what it takes", () => {
    expect(buildRequest("create_basin", { basin: "my-basin" }, { ...account, randomBytes }).method).toBe(
      "POST",
    );
    // @ts-expect-error a stream is no argument of it
    buildRequest("get_basin_config", { basin: "my-basin", stream: "s" }, account);
    // @ts-expect-error a limit is a number
    expect(() => buildRequest("list_streams", { limit: "1" }, basin)).toThrow("limit must be a whole number");
    const nulls = { basin: "my-basin", create_stream_on_read: null };
    // @ts-expect-error a reconfiguration cannot unset a boolean
    expect(() => buildRequest("reconfigure_basin", nulls, account)).toThrow(
      "create_stream_on_read must be true or",
    );
    // @ts-expect-error a name is missing
    expect(() => buildRequest("delete_stream", {}, basin)).toThrow("stream must be text; got undefined");
  });

  it("are inferred from its name: where it goes", () => {
    // @ts-expect-error a basin's operation needs to know which
    expect(() => buildRequest("list_streams", {}, account)).toThrow("basin must be 8 to 48 bytes");
    // @ts-expect-error a create needs randomness
    expect(() => buildRequest("create_stream", { stream: "s" }, basin)).toThrow();
  });

  it("are inferred from its name: what it gives", () => {
    const decode =
      <N extends OperationName>(name: N) =>
      (response: WireResponse) =>
        decodeResponse(name, response);
    expectTypeOf(decode("create_basin")).returns.toEqualTypeOf<BasinInfo>();
    expectTypeOf(decode("list_basins")).returns.toEqualTypeOf<ListBasinsResponse>();
    expectTypeOf(decode("ensure_stream")).returns.toEqualTypeOf<EnsureStreamResult>();
    expectTypeOf(decode("append")).returns.toEqualTypeOf<AppendAck>();
    expectTypeOf(decode("delete_stream")).returns.toEqualTypeOf<undefined>();
  });
});

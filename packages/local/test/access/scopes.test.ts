import type { AccessTokenScope } from "@s2-dev/streamstore-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLocal } from "../../src/index.js";
import { framesOf } from "../frames.js";
import { type RawAnswer, sendOverHttp1 } from "../raw-client.js";
import {
  ALL,
  basinOf,
  createWorld,
  EVERYTHING,
  json,
  RECORD,
  type Request,
  ROOT,
  requestOf,
  TRIM,
  verdict,
  type World,
} from "./world.js";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.local.close());

describe("a scope", () => {
  const basin = basinOf("read");
  const tail = (stream: string, inBasin = basin): Request => ({
    method: "GET",
    path: `/streams/${encodeURIComponent(stream)}/records/tail`,
    basin: inBasin,
  });

  test("holds exactly one name, or all that begin alike", async () => {
    await world.send(ROOT, { method: "POST", path: "/streams", basin, body: { stream: "a/1" } });
    await world.send(ROOT, { method: "POST", path: "/streams", basin, body: { stream: "a/10" } });
    const exact = await world.issue({
      basins: { exact: basin },
      streams: { exact: "a/1" },
      ops: ["check-tail"],
    });
    expect(verdict(await world.send(exact, tail("a/1")))).toBe("200");
    expect(verdict(await world.send(exact, tail("a/10")))).toBe("403 permission_denied");
    expect(verdict(await world.send(exact, tail("a/1", basinOf("append"))))).toBe("403 permission_denied");
    const prefix = await world.issue({ basins: ALL, streams: { prefix: "a/" }, ops: ["check-tail"] });
    expect(verdict(await world.send(prefix, tail("a/10")))).toBe("200");
    expect(verdict(await world.send(prefix, tail("stream")))).toBe("403 permission_denied");
  });

  test("shows in listings what it holds, and nothing else, page by page", async () => {
    const within = "list-within";
    await world.local.service.basins.create(
      within,
      await world.local.service.basins.settings(basin),
      undefined,
    );
    for (const stream of ["a/1", "a/2", "a/3", "b"]) {
      await world.send(ROOT, { method: "POST", path: "/streams", basin: within, body: { stream } });
    }
    const list = async (token: string, query: string): Promise<unknown> => {
      const page = json(
        await world.send(token, { method: "GET", path: `/streams${query}`, basin: within }),
      ) as {
        streams: { name: string }[];
        has_more: boolean;
      };
      return [page.streams.map(({ name }) => name), page.has_more];
    };
    const prefix = await world.issue({
      basins: ALL,
      streams: { prefix: "a/" },
      ops: ["list-streams", "list-basins"],
    });
    expect(await list(prefix, "")).toEqual([["a/1", "a/2", "a/3"], false]);
    expect(await list(prefix, "?limit=2")).toEqual([["a/1", "a/2"], true]);
    expect(await list(prefix, "?limit=2&start_after=a/2")).toEqual([["a/3"], false]);
    expect(await list(prefix, "?prefix=b")).toEqual([[], false]);
    expect(await list(prefix, "?prefix=a/3")).toEqual([["a/3"], false]);
    const exact = await world.issue({
      basins: { exact: within },
      streams: { exact: "a/2" },
      ops: ["list-streams", "list-basins"],
    });
    expect(await list(exact, "")).toEqual([["a/2"], false]);
    expect(await list(exact, "?start_after=a/2")).toEqual([[], false]);
    expect(await list(exact, "?prefix=a/2x")).toEqual([[], false]);
    const basins = json(await world.send(exact, { method: "GET", path: "/basins" })) as {
      basins: { name: string }[];
    };
    expect(basins.basins.map(({ name }) => name)).toEqual([within]);
  });

  test("shows among the active basins those that it holds", async () => {
    const end = Math.floor(world.local.service.clock.epoch() / 1000);
    const path = `/metrics?set=active-basins&start=${end}&end=${end}`;
    const active = async (basins: AccessTokenScope["basins"]): Promise<unknown> => {
      const token = await world.issue({ ops: ["account-metrics"], ...(basins == null ? {} : { basins }) });
      const { values } = json(await world.send(token, { method: "GET", path })) as {
        values: { label: { values: string[] } }[];
      };
      return values[0]?.label.values;
    };
    expect(await active(ALL)).toContain(basinOf("append"));
    expect(await active({ exact: basin })).toEqual([basin]);
    expect(await active({ prefix: "for-re" })).toContain(basin);
    expect(await active({ prefix: "for-re" })).not.toContain(basinOf("append"));
    expect(await active(undefined)).toEqual([]);
  });

  test("without any operation is refused, and so is one of unknown words", async () => {
    const tryIssue = (scope: object) =>
      world.send(ROOT, { method: "POST", path: "/access-tokens", body: { id: "none", scope } });
    expect(verdict(await tryIssue({ basins: ALL }))).toBe("422 invalid");
    expect(verdict(await tryIssue({ ops: [], op_groups: { account: { read: false } } }))).toBe("422 invalid");
    expect(verdict(await tryIssue({ ops: ["fly"] }))).toBe("400 bad_json");
    expect(verdict(await tryIssue({ ops: ["read"], basins: { suffix: "x" } }))).toBe("400 bad_json");
  });
});

describe("commands among appended records", () => {
  const basin = basinOf("append");
  const append = (body: unknown): Request => ({
    method: "POST",
    path: "/streams/stream/records",
    basin,
    body,
  });
  const fence = { records: [{ body: "x" }, { headers: [["", "fence"]], body: "t" }] };

  test("need the right to them as well", async () => {
    const plain = await world.issue({ basins: ALL, streams: ALL, ops: ["append"] });
    expect(verdict(await world.send(plain, append(fence)))).toBe("403 permission_denied");
    const trimming = await sendOverHttp1(world.local.origin, {
      method: "POST",
      path: "/v1/streams/stream/records",
      headers: {
        authorization: `Bearer ${plain}`,
        "s2-basin": basin,
        "content-type": "application/json",
        "s2-format": "base64",
      },
      body: JSON.stringify(TRIM),
    });
    expect(verdict(trimming)).toBe("403 permission_denied");
    const fencing = await world.issue({ basins: ALL, streams: ALL, ops: ["append", "fence"] });
    expect(verdict(await world.send(fencing, append(fence)))).toBe("200");
    expect(
      verdict(
        await world.send(
          fencing,
          append({ records: [{ headers: [["", "trim"]], body: "\0\0\0\0\0\0\0\u0001" }] }),
        ),
      ),
    ).toBe("403 permission_denied");
  });

  test("end a session after what came before them was acknowledged", async () => {
    const plain = await world.issue({ basins: ALL, streams: ALL, ops: ["append"] });
    const data = Buffer.from("000006" + "00" + "0a031a0161", "hex");
    const answer = await sendOverHttp1(world.local.origin, {
      method: "POST",
      path: "/v1/streams/stream/records",
      headers: { authorization: `Bearer ${plain}`, "s2-basin": basin, "content-type": "s2s/proto" },
      chunks_hex: [data.toString("hex"), FENCE_FRAME],
    });
    const frames = framesOf(answer.body);
    expect(frames).toHaveLength(2);
    expect(String(frames[1])).toContain(Buffer.from('"permission_denied"').toString("hex"));
  });
});

/** An input of one command: `AppendInput { records: [{ headers: [["", "fence"]], body: "t" }] }`. */
const FENCE_FRAME = `00000f000a0c12071205${Buffer.from("fence").toString("hex")}1a0174`;

describe("a token's time", () => {
  const request = requestOf("list_basins");

  test("ends when it says, and when it is revoked", async () => {
    const at = new Date(world.local.service.clock.epoch() + 60_000).toISOString();
    const token = await world.issue(
      { ops: ["list-basins"], basins: ALL },
      { expires_at: at, id: "for-a-minute" },
    );
    expect(verdict(await world.send(token, request))).toBe("200");
    await world.clock.advance(59_000);
    expect(verdict(await world.send(token, request))).toBe("200");
    await world.clock.advance(1_001);
    expect(verdict(await world.send(token, request))).toBe("401 authn");
    const listed = json(
      await world.send(ROOT, { method: "GET", path: "/access-tokens?prefix=for-a-minute" }),
    ) as {
      access_tokens: unknown[];
    };
    expect(listed.access_tokens).toEqual([]);

    const other = await world.issue({ ops: ["list-basins"], basins: ALL }, { id: "to-revoke" });
    expect(verdict(await world.send(other, request))).toBe("200");
    expect(verdict(await world.send(ROOT, { method: "DELETE", path: "/access-tokens/to-revoke" }))).toBe(
      "204",
    );
    expect(verdict(await world.send(other, request))).toBe("401 authn");
    expect(verdict(await world.send(ROOT, { method: "DELETE", path: "/access-tokens/to-revoke" }))).toBe(
      "404 access_token_not_found",
    );
  });

  test("is that of who issues it, at most", async () => {
    const soon = world.local.service.clock.epoch() + 3_600_000;
    const scope: AccessTokenScope = { ...EVERYTHING, ops: ["issue-access-token", "list-access-tokens"] };
    const issuer = await world.issue(scope, { expires_at: new Date(soon).toISOString() });
    await world.issue({ ops: ["list-access-tokens"] }, { id: "heir" }, issuer);
    const page = json(await world.send(ROOT, { method: "GET", path: "/access-tokens?prefix=heir" }));
    expect(page).toEqual({
      access_tokens: [
        {
          id: "heir",
          expires_at: new Date(soon).toISOString().replace(/0*Z$/, "Z").replace(".Z", "Z"),
          auto_prefix_streams: false,
          scope: {
            basins: null,
            streams: null,
            access_tokens: null,
            op_groups: null,
            ops: ["list-access-tokens"],
          },
        },
      ],
      has_more: false,
    });
    const tooLong = { expires_at: new Date(soon + 1000).toISOString() };
    await expect(world.issue({ ops: ["list-access-tokens"] }, tooLong, issuer)).rejects.toThrow(
      "permission_denied",
    );
    await expect(world.issue({ ops: ["read"] }, { expires_at: "2020-01-01T00:00:00Z" })).rejects.toThrow(
      "invalid",
    );
    for (const none of [
      "tomorrow",
      "2099-02-30T10:00:00Z",
      "2099-02-29T10:00:00Z",
      "2099-13-01T10:00:00Z",
      "2099-01-00T10:00:00Z",
      "2099-01-01T24:00:00Z",
    ]) {
      await expect(world.issue({ ops: ["read"] }, { expires_at: none })).rejects.toThrow("bad_json");
    }
    await world.issue({ ops: ["read"] }, { id: "of-a-leap-year", expires_at: "2096-02-29 10:00:00.5+02:00" });
  });
});

describe("a token that issues another", () => {
  test("hands on no more than it has", async () => {
    const issuer = await world.issue({
      basins: { prefix: "team-" },
      streams: { prefix: "a/" },
      access_tokens: { prefix: "team/" },
      ops: ["issue-access-token", "read"],
    });
    let count = 0;
    const attempt = async (scope: AccessTokenScope, id = "team/x"): Promise<string> => {
      count += 1;
      return verdict(
        await world.send(issuer, {
          method: "POST",
          path: "/access-tokens",
          body: { id: `${id}${count}`, scope },
        }),
      );
    };
    expect(await attempt({ ops: ["read"], basins: { exact: "team-one" }, streams: { prefix: "a/b" } })).toBe(
      "201",
    );
    expect(await attempt({ ops: ["read"], basins: { exact: "" } })).toBe("201");
    expect(await attempt({ ops: ["read"] }, "else/")).toBe("403 permission_denied");
    expect(await attempt({ ops: ["append"] })).toBe("403 permission_denied");
    expect(await attempt({ op_groups: { stream: { read: true } } })).toBe("403 permission_denied");
    expect(await attempt({ ops: ["read"], basins: { prefix: "" } })).toBe("403 permission_denied");
    expect(await attempt({ ops: ["read"], basins: { exact: "teams" } })).toBe("403 permission_denied");
    expect(await attempt({ ops: ["read"], streams: { prefix: "a" } })).toBe("403 permission_denied");
    expect(await attempt({ ops: ["read"], access_tokens: { prefix: "" } })).toBe("403 permission_denied");
  });

  test("may say `null` for what it leaves out", async () => {
    const left = { expires_at: null, auto_prefix_streams: null };
    const secret = await world.issue({ ops: ["list-basins"], basins: ALL, streams: null }, left);
    expect(verdict(await world.send(secret, requestOf("list_basins")))).toBe("200");
  });

  test("takes an id that is free", async () => {
    await world.issue({ ops: ["read"] }, { id: "taken" });
    await expect(world.issue({ ops: ["read"] }, { id: "taken" })).rejects.toThrow("resource_already_exists");
  });
});

describe("a token with `auto_prefix_streams`", () => {
  const basin = basinOf("list_streams");
  const scope: AccessTokenScope = {
    basins: { exact: basin },
    streams: { prefix: "tenant/" },
    op_groups: {
      basin: { read: true, write: true },
      stream: { read: true, write: true },
      account: { read: true, write: false },
    },
  };

  test("needs a prefix of streams", async () => {
    const auto = { auto_prefix_streams: true };
    await expect(world.issue({ ...scope, streams: { exact: "tenant/" } }, auto)).rejects.toThrow("invalid");
    await expect(world.issue({ ...scope, streams: null }, auto)).rejects.toThrow("invalid");
  });

  test("is told of streams by the names that it gives them", async () => {
    const hidden = { ...scope, streams: { prefix: "hidden/" } };
    const token = await world.issue(hidden, { auto_prefix_streams: true });
    const asked = [
      { method: "GET", path: "/streams/none", basin },
      { method: "DELETE", path: "/streams/none", basin },
      { method: "PATCH", path: "/streams/none", basin, body: {} },
      { method: "GET", path: "/streams/none/records/tail", basin },
      { method: "GET", path: "/streams/none/records", basin },
      { method: "POST", path: "/streams/none/records", basin, body: { records: [{ body: "a" }] } },
    ];
    const answers = await Promise.all(asked.map((request) => world.send(token, request)));
    const create = { method: "POST", path: "/streams", basin, body: { stream: "some" } };
    await world.send(token, create);
    answers.push(await world.send(token, create));
    for (const answer of answers.filter(({ status }) => status >= 400)) {
      expect(answer.body.toString()).toMatch(/stream `(?:none|some)` in basin/);
    }
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 409]);
    await world.send(token, { method: "DELETE", path: "/streams/some", basin });
  });

  test("lives in a world of its own on every route", async () => {
    const token = await world.issue(scope, { auto_prefix_streams: true });
    const own = (request: Omit<Request, "basin">): Promise<RawAnswer> =>
      world.send(token, { ...request, basin });
    const created = await own({ method: "POST", path: "/streams", body: { stream: "s" } });
    expect(json(created)).toMatchObject({ name: "s" });
    expect(json(await own({ method: "PUT", path: "/streams/s", body: {} }))).toMatchObject({ name: "s" });
    expect(json(await own({ method: "PUT", path: "/streams/t", body: {} }))).toMatchObject({ name: "t" });
    expect(verdict(await own({ method: "PATCH", path: "/streams/s", body: {} }))).toBe("200");
    expect(verdict(await own({ method: "GET", path: "/streams/s" }))).toBe("200");
    expect(verdict(await own({ method: "POST", path: "/streams/s/records", body: RECORD }))).toBe("200");
    expect(json(await own({ method: "GET", path: "/streams/s/records/tail" }))).toMatchObject({
      tail: { seq_num: 1 },
    });
    expect(json(await own({ method: "GET", path: "/streams/s/records?seq_num=0" }))).toMatchObject({
      records: [{ body: "x" }],
    });
    const now = Math.floor(world.local.service.clock.epoch() / 1000);
    const metric = await own({
      method: "GET",
      path: `/metrics/${basin}/s?set=storage&start=${now}&end=${now}`,
    });
    expect(json(metric)).toMatchObject({ values: [{ gauge: { values: [[expect.any(Number), 9]] } }] });

    const names = async (by: string, query = ""): Promise<string[]> => {
      const page = json(await world.send(by, { method: "GET", path: `/streams${query}`, basin })) as {
        streams: { name: string }[];
      };
      return page.streams.map(({ name }) => name);
    };
    expect(await names(token)).toEqual(["s", "t"]);
    expect(await names(token, "?start_after=s")).toEqual(["t"]);
    expect(await names(token, "?prefix=s")).toEqual(["s"]);
    expect(await names(ROOT)).toEqual(["stream", "tenant/s", "tenant/t"]);

    expect(verdict(await own({ method: "GET", path: "/streams/stream" }))).toBe("404 stream_not_found");
    expect(verdict(await own({ method: "GET", path: "/streams/tenant%2Fs" }))).toBe("404 stream_not_found");
    expect(verdict(await own({ method: "GET", path: `/streams/${"x".repeat(506)}` }))).toBe("422 invalid");
    expect(verdict(await own({ method: "DELETE", path: "/streams/s" }))).toBe("202");
    expect(await names(ROOT)).toEqual(["stream", "tenant/t"]);
  });
});

describe("authentication", () => {
  test("leaves health and preflights to everybody", async () => {
    const answer = (method: string, path: string) =>
      sendOverHttp1(world.local.origin, { method, path, headers: { origin: "https://x" } });
    expect((await answer("GET", "/health")).status).toBe(200);
    expect((await answer("OPTIONS", "/v1/basins")).status).toBe(200);
  });

  test("takes the scheme in any case, and no other scheme", async () => {
    const as = async (authorization: string): Promise<number> =>
      (
        await sendOverHttp1(world.local.origin, {
          method: "GET",
          path: "/v1/basins",
          headers: { authorization },
        })
      ).status;
    expect(await as(`bearer ${ROOT}`)).toBe(200);
    expect(await as(`BEARER  ${ROOT} `)).toBe(200);
    expect(await as(`Basic ${ROOT}`)).toBe(401);
    expect(await as(ROOT)).toBe(401);
  });

  test("keeps faults for the root token", async () => {
    await using other = await startLocal({ auth: { rootToken: ROOT }, admin: true });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await sendOverHttp1(other.origin, { method: "GET", path: "/admin/faults", headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: `Bearer ${ROOT}` })).toBe(200);
  });

  test("refuses a root token that no header can carry", async () => {
    for (const rootToken of ["", "a b", "ä"]) {
      await expect(startLocal({ auth: { rootToken } })).rejects.toThrow("auth.rootToken must be");
    }
  });

  test("is off unless asked for, and tokens can be issued all the same", async () => {
    await using open = await startLocal();
    const list = (headers: Record<string, string>) =>
      sendOverHttp1(open.origin, { method: "GET", path: "/v1/access-tokens", headers });
    expect((await list({})).status).toBe(200);
    expect((await list({ authorization: "Bearer whatever" })).status).toBe(200);
  });
});

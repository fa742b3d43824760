import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlePrograms } from "../src/bundling.js";
import { runProgram, useProgramServer } from "../src/programs.js";

const sources = fileURLToPath(new URL("../../../examples/guides/src/", import.meta.url));

/** The programs that the guides show, and what each has to print. */
const PROGRAMS: readonly (readonly [name: string, output: RegExp])[] = [
  [
    "start",
    /^stored as 0 and 1\n0 Hello .*\n1 world \{ lang: 'en' \}\nfollowed 0 Hello\nfollowed 1 world\nfollowed 2 still there\?\n$/,
  ],
  ["start-hosted", /^created\ndurable at 0\n$/],
  ["positions", /^next 3\ntwo\none\nthree\nRANGE_NOT_SATISFIABLE\ntwo\nthree\n$/],
  ["manage", /^resource_already_exists\ncreated\narrival\nmanaged\/a\nmanaged\/b\n$/],
  ["commands", /^the stream is fenced by writer-2\n1 data\n2 trim\n$/],
  ["frames", /^\[ 0, 1, 2 \]\nbatch 1\nbatch 2\nbatch 3\n$/],
  [
    "lost-ack",
    /^all: acknowledged, stored 2 times\nnoSideEffects: rejected, side effect possible, stored 1 times\nexactlyOnce: acknowledged, stored 1 times\n$/,
  ],
  [
    "what-to-do",
    /^rate_limited 1 try again later, nothing was written\nstorage 1 look at the stream before writing again\npermission_denied 1 correct the call, nothing was written\n$/,
  ],
  ["tickets", /^never more in flight than 2\n$/],
  ["producer", /^durable at 2500\n$/],
  [
    "limits",
    /^21\na body without headers may have 1048568 bytes\nINVALID_ARGUMENT .*1000.*\nINVALID_ARGUMENT .*1048576.*\nINVALID_ARGUMENT .*\n$/,
  ],
  ["node-test", /pass 1\n/],
  ["from-0-18", /^expected 1\nacked up to 4\n0 hello\n1 a\n2 b\n3 c\n$/],
  ["from-0-27", /^0 true\n0 hello \[ \[ 'kind', 'greeting' \] \]\n$/],
  ["from-kafka", /^100 orders consumed\n$/],
  ["from-redis", /^length 3\n\[ '21', '22' \]\n23\nread 22\nread 23\n$/],
  ["resumable", /^Once upon a time\nOnce upon a time\n$/],
  ["shards", /^100 events in 4 streams\n$/],
  ["encrypted", /^dear diary <redacted>\ndecryption_failed\n$/],
  ["renewed-token", /^for you\npermission_denied\n$/],
  [
    "own-authority",
    /^s2s without it: CONNECT_FAILED false\ns2s with it: stream_not_found\nfetch without it: CONNECT_FAILED false\nfetch with it: stream_not_found\n$/,
  ],
  ["client-certificate", /^s2s refused\ns2s 0\nfetch refused\nfetch 1\n$/],
  ["without-http2", /^s2s UNSUPPORTED, side effect none\nfetch durable, next is 1\n$/],
  ["local-server", /^\{ account: 'http:\/\/127\.0\.0\.1:\d+', basin: 'http:\/\/127\.0\.0\.1:\d+' \}\n$/],
  ["faults", /^stored 3\nhit so far 0\n$/],
  ["own-transports", /^fetch 0\ns2s 1\n$/],
  ["socks", /^s2s through SOCKS\nSOCKS used: true\nfetch through SOCKS\nSOCKS used: true\n$/],
  ["proxy", /^s2s through the proxy\ntunnels used: true\nfetch through the proxy\ntunnels used: true\n$/],
];

/** Not programs, but parts of some. */
const PARTS = ["tls-front", "connect-proxy", "socks-server", "loopback"];

let folder: string;

beforeAll(async () => {
  folder = await bundlePrograms(Object.fromEntries(PROGRAMS.map(([name]) => [name, `${sources}${name}.ts`])));
});

describe.each(["local", "s2-lite"] as const)(
  "on %s, as processes of their own, programs of guides:",
  (name) => {
    const server = useProgramServer(name);

    it.each(PROGRAMS)("%s", { skip: server.skip }, async (program, output) => {
      const run = await runProgram(join(folder, `${program}.mjs`), [], server.environment());
      expect(run).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(output) });
    });
  },
);

it("every program of the guides is run", () => {
  const files = readdirSync(sources).map((file) => basename(file, ".ts"));
  expect(files.filter((file) => !PARTS.includes(file)).sort()).toEqual(PROGRAMS.map(([name]) => name).sort());
});

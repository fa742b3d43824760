import type { S2, S2Basin } from "@s2-dev/streamstore";
import { topic } from "../behaviour.js";
import { expectRefusals, type Refusal, UNSAFE, withTrap, wrong } from "../refusals.js";

const basinNames = (client: S2): readonly Refusal[] => [
  ["a basin of 7 bytes", () => client.basin("short-7"), "basin", "short-7", "8 to 48"],
  [
    "a basin of 49 bytes",
    () => client.basins.create({ basin: "x".repeat(49) }),
    "basin",
    "49 bytes",
    "8 to 48",
  ],
  ["a basin in capitals", () => client.basins.getConfig({ basin: "Some-Basin" }), "basin", "Some-Basin"],
  [
    "a basin with a hyphen at its end",
    () => client.basins.delete({ basin: "some-basin-" }),
    "basin",
    "some-basin-",
  ],
  ["a basin that is no text", () => client.basin(wrong(undefined)), "basin", "undefined"],
];

const streamNames = (basin: S2Basin): readonly Refusal[] => [
  ["a stream without a name", () => basin.stream(""), "stream", "1 to 512"],
  ["a stream named .", () => basin.stream("."), "stream", '"."'],
  ["a stream named ..", () => basin.streams.create({ stream: ".." }), "stream", '".."'],
  ["a stream of 513 bytes", () => basin.stream("x".repeat(513)), "stream", "513 bytes", "512"],
  [
    "a stream of 514 bytes in 257 characters",
    () => basin.streams.delete({ stream: "é".repeat(257) }),
    "stream",
    "514 bytes",
    "512",
  ],
  ["a stream with NUL", () => basin.streams.getConfig({ stream: "a\0b" }), "stream", "NUL"],
  ["a stream with half a character", () => basin.stream("a\ud83d"), "stream", "surrogate"],
  [
    "a stream over a transport there is not",
    () => basin.stream("s", { forceTransport: wrong("http") }),
    "forceTransport",
    "http",
  ],
];

const otherNamesAndPages = (basin: S2Basin, client: S2): readonly Refusal[] => [
  ["an access token without an id", () => client.accessTokens.revoke({ id: "" }), "id", "1 to 96"],
  [
    "an access token id of 97 bytes",
    () => client.accessTokens.revoke({ id: "x".repeat(97) }),
    "id",
    "97 bytes",
    "96",
  ],
  [
    "a location with a blank",
    () => client.locations.setDefault({ location: "a b" }),
    "location",
    "a b",
    "64",
  ],
  ["a prefix of 49 bytes", () => client.basins.list({ prefix: "x".repeat(49) }), "prefix", "49 bytes", "48"],
  [
    "a start after 513 bytes",
    () => basin.streams.list({ start_after: "x".repeat(513) }),
    "start_after",
    "513 bytes",
    "512",
  ],
  ["a page of -1", () => basin.streams.list({ limit: -1 }), "limit", "-1"],
  ["a page of NaN", () => client.basins.list({ limit: Number.NaN }), "limit", "NaN"],
];

const configurations = (basin: S2Basin, client: S2): readonly Refusal[] => [
  [
    "retention of 0 s",
    () => basin.streams.create({ stream: "s", config: { retention_policy: { age: 0 } } }),
    "age",
    "0",
    "1",
  ],
  [
    "retention of NaN",
    () => basin.streams.ensure({ stream: "s", config: { retention_policy: { age: Number.NaN } } }),
    "age",
    "NaN",
  ],
  [
    "retention beyond numbers",
    () => basin.streams.reconfigure({ stream: "s", retention_policy: { age: UNSAFE } }),
    "age",
    String(UNSAFE),
  ],
  [
    "retention of two kinds",
    () =>
      basin.streams.create({
        stream: "s",
        config: { retention_policy: wrong({ age: 5, infinite: {} }) },
      }),
    "retention_policy",
  ],
  [
    "a basin's default without retention",
    () =>
      client.basins.create({
        basin: "some-basin",
        config: { default_stream_config: { retention_policy: { age: -1 } } },
      }),
    "age",
    "-1",
  ],
  [
    "a negative age when empty",
    () => basin.streams.reconfigure({ stream: "s", delete_on_empty: { min_age_secs: -1 } }),
    "min_age_secs",
    "-1",
  ],
  [
    "a switch that is none",
    () => client.basins.reconfigure({ basin: "some-basin", create_stream_on_append: wrong("yes") }),
    "create_stream_on_append",
    "yes",
  ],
];

export const refusingResources = topic("refusing-resources", ({ sdk }) => {
  sdk(
    "refuses names that the service would not take",
    ["sdk.refusals", "names.basin", "names.stream"],
    async (ctx) => {
      await withTrap(ctx, async (_, basin, client) => {
        await expectRefusals([
          ...basinNames(client),
          ...streamNames(basin),
          ...otherNamesAndPages(basin, client),
        ]);
      });
    },
  );

  sdk(
    "refuses configurations that the service would not take",
    ["sdk.refusals", "config.retention"],
    async (ctx) => {
      await withTrap(ctx, async (_, basin, client) => {
        await expectRefusals(configurations(basin, client));
      });
    },
  );
});

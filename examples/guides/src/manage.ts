import { S2 } from "@s2-dev/streamstore";

const { streams } = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin");

// What is not said comes from the basin's default. An age is in seconds.
await streams.create({ stream: "managed/a", config: { retention_policy: { age: 24 * 60 * 60 } } });
console.log(await streams.create({ stream: "managed/a" }).catch((error) => error.code));

// `ensure` may be repeated: it creates the stream, or makes its configuration what is given here.
const { result } = await streams.ensure({ stream: "managed/b" });
console.log(result);

// What is given changes, `null` resets, and the rest stays.
await streams.reconfigure({ stream: "managed/b", timestamping: { mode: "arrival" } });
console.log((await streams.getConfig({ stream: "managed/b" })).timestamping?.mode);

// However many there are: pages are fetched as they are needed.
for await (const { name } of streams.listAll({ prefix: "managed/" })) console.log(name);

// It is gone for readers and writers at once; its name may be taken for a while.
for (const stream of ["managed/a", "managed/b"]) await streams.delete({ stream });

import { ExtensionCodec } from "@msgpack/msgpack";
import { expect, it } from "vitest";
import { z } from "zod";
import { MemorySource } from "../../test/memory-source.js";
import { typed } from "../typed/index.js";
import { messagePack } from "./index.js";

it("stores bytes and dates as what they are, also in messages larger than a record", async () => {
  const source = new MemorySource();
  const schema = z.object({
    name: z.string(),
    taken: z.date(),
    image: z.instanceof(Uint8Array),
    note: z.string().optional(),
  });
  const photos = typed(source, { schema, codec: messagePack() });
  const image = Uint8Array.from({ length: 3_000_000 }, (_, at) => at % 251);
  await photos.append({ name: "sunset", taken: new Date(1234), image, note: undefined });
  const [photo] = await photos.read();
  expect(photo?.value.taken).toEqual(new Date(1234));
  expect(Buffer.compare(photo!.value.image, image)).toBe(0);
  expect("note" in photo!.value).toBe(false);
});

it("takes the library's options", async () => {
  const codec = messagePack<bigint>({ useBigInt64: true });
  expect(codec.decode(codec.encode(2n ** 63n - 1n))).toBe(2n ** 63n - 1n);
  const extensionCodec = new ExtensionCodec();
  extensionCodec.register({
    type: 1,
    encode: (value) => (value instanceof Set ? messagePack().encode([...value]) : null),
    decode: (data) => new Set(messagePack<number[]>().decode(data)),
  });
  const sets = messagePack<Set<number>>({ extensionCodec });
  expect(sets.decode(sets.encode(new Set([1, 2])))).toEqual(new Set([1, 2]));
});

it("says which message is not MessagePack", async () => {
  const source = new MemorySource();
  source.put({ body: Uint8Array.of(0xc1) });
  await expect(typed(source, { codec: messagePack() }).read()).rejects.toThrow(
    /^The message at sequence number 0 cannot be decoded: /,
  );
});

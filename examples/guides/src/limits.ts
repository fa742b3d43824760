import { isS2Error, maxBodyBytes, meteredBytes, S2 } from "@s2-dev/streamstore";

const stream = new S2().basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("limits");

// 8 bytes a record, 2 a header, and the bytes of names, values and body.
console.log(meteredBytes({ body: "hello", headers: { lang: "en" } }));
console.log("a body without headers may have", maxBodyBytes(), "bytes");

const tooMany = Array.from({ length: 1001 }, () => ({ body: "x" }));
const tooLarge = { body: new Uint8Array(maxBodyBytes() + 1) };
for (const records of [tooMany, [tooLarge], []]) {
  const error = await stream.append(records).catch((thrown: unknown) => thrown);
  // Found out on this side: nothing was sent.
  if (isS2Error(error)) console.log(error.code, error.message);
}

import { EncryptionKey, S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";

const local = await startLocal({
  init: {
    basins: [
      { name: "sealed-basin", config: { stream_cipher: "aes-256-gcm" }, streams: [{ name: "diary" }] },
    ],
  },
});
const s2 = new S2(local.clientOptions);

// 32 bytes for you to keep: nobody reads the records without them.
const encryptionKey = EncryptionKey.from(crypto.getRandomValues(new Uint8Array(32)));
const diary = s2.basin("sealed-basin").stream("diary", { encryptionKey });
await diary.append({ body: "dear diary" });
console.log((await diary.read({ seq_num: 0 })).records[0]?.body, String(encryptionKey));

const another = diary.withEncryptionKey(EncryptionKey.from(new Uint8Array(32)));
console.log(await another.read({ seq_num: 0 }).catch((error) => error.code));

await s2.close();
await local.close();

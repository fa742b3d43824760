import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { openBasin } from "@s2-dev/example-basin";
import { receiveFile, sendFile } from "./file-records.js";
import { drawPicture } from "./picture.js";

const TYPES: Readonly<Record<string, string>> = {
  ".bmp": "image/bmp",
  ".jpg": "image/jpeg",
  ".png": "image/png",
};

const folder = await mkdtemp(join(tmpdir(), "image-stream-"));
const [picture = join(folder, "rings.bmp"), copy = join(folder, "copy.bmp")] = process.argv.slice(2);
if (process.argv[2] === undefined) await writeFile(picture, drawPicture(1280, 960));

await using place = await openBasin();
const stream = place.basin.stream(`images/${crypto.randomUUID()}`);

const type = TYPES[extname(picture).toLowerCase()] ?? "application/octet-stream";
const sent = await sendFile(stream, picture, type);
console.log(`sent ${sent.name} (${sent.type}): ${sent.bytes} bytes in ${sent.records} records`);
console.log(`SHA-256 ${sent.sha256}`);

const received = await receiveFile(stream, copy);
console.log(`received ${received.name} (${received.type}): ${received.bytes} bytes`);
console.log(`SHA-256 ${received.sha256}: ${received.sha256 === sent.sha256 ? "the same" : "NOT the same"}`);
console.log(`look at ${copy}`);

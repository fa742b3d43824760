import { createHash } from "node:crypto";
import { decode, encode } from "@msgpack/msgpack";
import { S2 } from "@s2-dev/streamstore";
import { DeserializingReadSession, SerializingAppendSession } from "@s2-dev/streamstore-patterns";
import { pictureOf } from "./picture.js";

/** What people and models say to each other. */
type ChatMessage =
  | { readonly kind: "text"; readonly from: string; readonly text: string }
  | { readonly kind: "code"; readonly from: string; readonly language: string; readonly source: string }
  | {
      readonly kind: "image";
      readonly from: string;
      readonly mediaType: string;
      readonly data: Uint8Array;
      readonly sha256: string;
    };

const MIB = 1024 * 1024;
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

function imageOf(from: string, seed: number): ChatMessage {
  const data = pictureOf(seed, 5 * MIB);
  return { kind: "image", from, mediaType: "image/bmp", data, sha256: sha256(data) };
}

const chat: readonly ChatMessage[] = [
  { kind: "text", from: "ann", text: "What is in these pictures? And a program that draws one, please." },
  imageOf("ann", 1),
  imageOf("ann", 2),
  { kind: "text", from: "model", text: "Noise, with a gradient — 噪声. Here you are:" },
  { kind: "code", from: "model", language: "ts", source: "for (const x of xs) {\n\tdraw(x); // ✏️\n}\n" },
  imageOf("model", 3),
];

const s2 = new S2();
const stream = s2.basin(process.env.S2_BASIN ?? "my-favourite-basin").stream("multimodal-chat");

// An image takes six records in several batches. `dedupeSeq` numbers them, so that whatever a retry repeats is dropped.
const writer = new SerializingAppendSession<ChatMessage>(
  await stream.appendSession(),
  (message) => encode(message),
  { dedupeSeq: 0n },
);
const { start } = await writer.submit({ kind: "text", from: "system", text: "The chat begins." });
await new ReadableStream<ChatMessage>({
  start(controller) {
    for (const message of chat) controller.enqueue(message);
    controller.close();
  },
}).pipeTo(writer);

const reader = new DeserializingReadSession<ChatMessage>(
  await stream.readSession({ seq_num: start, as: "bytes", wait: 0 }),
  (bytes) => decode(bytes) as ChatMessage,
);
let position = -1;
for await (const message of reader) {
  const sent = position < 0 ? undefined : chat[position];
  position += 1;
  if (message.kind === "image") {
    const isWhole =
      sha256(message.data) === message.sha256 && sent?.kind === "image" && sent.sha256 === message.sha256;
    console.log(
      `${message.from}: an image of ${message.data.length} bytes, ${isWhole ? "whole" : "DAMAGED"}`,
    );
  } else if (message.kind === "code") {
    console.log(`${message.from}: ${message.source.length} characters of ${message.language}`);
  } else console.log(`${message.from}: ${message.text}`);
}
await s2.close();

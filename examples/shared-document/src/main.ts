import { openBasin } from "@s2-dev/example-basin";
import { SharedDocument } from "./shared-document.js";

await using place = await openBasin();
const name = `documents/${crypto.randomUUID()}`;
await place.basin.streams.ensure({ stream: name });
const stream = place.basin.stream(name);

const textOf = ({ doc }: SharedDocument) => doc.getText("text");
const show = (who: string, document: SharedDocument) => console.log(`${who}: ${textOf(document)}`);

/** Until everybody has what everybody has written. */
async function settle(...documents: SharedDocument[]): Promise<void> {
  for (const document of documents) {
    const end = await document.flush();
    await Promise.all(documents.map((other) => other.reached(end)));
  }
}

// Numbers of their own decide about the order of what is inserted at the same place; any will do.
await using ann = new SharedDocument(stream, 1);
await using bob = new SharedDocument(stream, 2);
await Promise.all([ann.connect(), bob.connect()]);

textOf(ann).insert(0, "A log only grows.");
await settle(ann, bob);
textOf(ann).insert(0, "Note: ");
textOf(bob).insert(textOf(bob).length, " Or does it?");
await settle(ann, bob);
show("ann", ann);
show("bob", bob);

await bob.disconnect();
textOf(bob).insert(0, "[bob was on a train] ");
textOf(bob).delete(textOf(bob).length - 12, 12);
for (const letter of " It is trimmed behind a snapshot.") textOf(ann).insert(textOf(ann).length, letter);
await settle(ann);
const records = (await stream.checkTail()).tail.seq_num;
console.log(`bob is offline with ${bob.unsent} edits; the stream had ${records} records`);
console.log((await ann.compact()) ? "ann has made a snapshot of them" : "somebody was faster");

await bob.connect();
await settle(bob);
await ann.reached((await stream.checkTail()).tail.seq_num);
show("ann", ann);
show("bob", bob);

await using cid = new SharedDocument(stream, 3);
await cid.connect();
show("cid", cid);
console.log(`cid is new, and has read ${cid.messagesRead} messages`);

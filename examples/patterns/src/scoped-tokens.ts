import { S2 } from "@s2-dev/streamstore";
import { issueReaderToken, issueWriterToken } from "@s2-dev/streamstore-patterns/tokens";

const { accessTokens } = new S2();
const basin = process.env.S2_BASIN ?? "my-favourite-basin";

// For a browser: reads the streams of one user, for a quarter of an hour.
const reader = await issueReaderToken(accessTokens, {
  basin,
  stream: { prefix: "users/7/" },
  expiresInMillis: 15 * 60_000,
});
console.log(reader.scope.ops, String(reader)); // the secret is not shown: `reader.reveal()` gives it

// For a worker: appends to one stream, and trims it.
const writer = await issueWriterToken(accessTokens, {
  basin,
  stream: "users/7/chat",
  expiresInMillis: 60 * 60_000,
  trim: true,
});
console.log(writer.scope.ops);

await accessTokens.revoke({ id: reader.id });
await accessTokens.revoke({ id: writer.id });

import { issueReaderToken, issueWriterToken } from "@s2-dev/streamstore-patterns/tokens";
import { topic } from "../behaviour.js";
import { expectServerError } from "../expecting.js";

const place = { basin: "my-favourite-basin", expiresInMillis: 60_000 };

export const scoping = topic("scoping", ({ sdk }) => {
  // Neither server issues tokens; both look at the request first, and answer 400 to one that is wrong.
  sdk(
    "asks for scoped tokens in a form that the service takes",
    ["account.not-implemented"],
    async ({ client }) => {
      for (const stream of ["conversation", { prefix: "users/7/" }]) {
        const reader = issueReaderToken(client.accessTokens, { ...place, stream, list: true });
        await expectServerError(reader, "not_implemented", 501);
        const all = {
          read: true,
          fence: true,
          trim: true,
          create: true,
          autoPrefix: typeof stream === "object",
        };
        const writer = issueWriterToken(client.accessTokens, { ...place, stream, ...all });
        await expectServerError(writer, "not_implemented", 501);
      }
    },
  );
});

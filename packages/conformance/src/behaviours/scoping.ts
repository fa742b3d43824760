import { randomUUID } from "node:crypto";
import { issueReaderToken, issueWriterToken } from "@s2-dev/streamstore-patterns/tokens";
import { expect } from "vitest";
import { topic } from "../behaviour.js";
import { expectServerError } from "../expecting.js";

const place = { basin: "my-favourite-basin", expiresInMillis: 60_000 };

export const scoping = topic("scoping", ({ sdk }) => {
  sdk(
    "asks for scoped tokens in a form that the service takes",
    ["account.parsing"],
    async ({ client, pair, afterwards }) => {
      for (const stream of ["conversation", { prefix: "users/7/" }]) {
        const id = `scoped/${randomUUID()}`;
        const rights = { read: true, fence: true, trim: true, create: true };
        const args = { ...place, ...rights, id, stream, list: true, autoPrefix: typeof stream === "object" };
        for (const issue of [issueReaderToken, issueWriterToken]) {
          const issued = issue(client.accessTokens, args);
          // It issues none, but answers 400 to a request for one that is wrong.
          if (pair.server === "s2-lite") await expectServerError(issued, "not_implemented", 501);
          else {
            afterwards(() => client.accessTokens.revoke({ id }));
            expect((await issued).reveal()).not.toBe("");
            const { access_tokens } = await client.accessTokens.list({ prefix: id });
            expect(access_tokens).toMatchObject([
              {
                id,
                auto_prefix_streams: args.autoPrefix,
                expires_at: (await issued).expiresAt.toISOString().replace(/\.?0*Z$/, "Z"),
              },
            ]);
            await client.accessTokens.revoke({ id });
          }
        }
      }
    },
  );
});

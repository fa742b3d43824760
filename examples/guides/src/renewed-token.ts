import { S2 } from "@s2-dev/streamstore";
import { startLocal } from "@s2-dev/streamstore-local";
import { issueReaderToken } from "@s2-dev/streamstore-patterns/tokens";

const local = await startLocal({
  auth: { rootToken: "root" },
  init: { basins: [{ name: "guarded-basin", streams: [{ name: "users/7/news" }] }] },
});

// On your server, which knows the user: a token for what that user may read, and not for long.
const root = new S2(local.clientOptions);
const tokenForUser = async (user: string) => {
  const token = await issueReaderToken(root.accessTokens, {
    basin: "guarded-basin",
    stream: { prefix: `users/${user}/` },
    expiresInMillis: 10 * 60_000,
  });
  return { token: token.reveal(), expiresAt: token.expiresAt };
};

// In the page: a function instead of a token. It is asked again before the token expires, and when it is refused.
const page = new S2({ endpoints: local.endpoints, accessToken: () => tokenForUser("7") });
const news = page.basin("guarded-basin").stream("users/7/news");
await root.basin("guarded-basin").stream("users/7/news").append({ body: "for you" });
console.log((await news.read({ seq_num: 0 })).records[0]?.body);
console.log(await news.append({ body: "not allowed" }).catch((error) => error.code));

await page.close();
await root.close();
await local.close();

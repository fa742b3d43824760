import { S2, type S2ClientOptions, type S2Stream, type SessionTransports } from "@s2-dev/streamstore";
import type { LocalServer } from "@s2-dev/streamstore-local";
import { freshBasinName } from "../names.js";

/** A stream as seen through a network, by a client of its own over one transport. */
export interface NetworkClient extends AsyncDisposable {
  readonly stream: S2Stream;
}

/** Creates the stream beside the network, and opens it through it. */
export async function streamThrough(
  local: LocalServer,
  origin: string,
  forceTransport: SessionTransports,
  options: S2ClientOptions = {},
): Promise<NetworkClient> {
  const basin = freshBasinName();
  await using beside = new S2({ accessToken: "ignored", endpoints: local.endpoints });
  await beside.basins.create({ basin });
  await beside.basin(basin).streams.create({ stream: "s" });
  const s2 = new S2({
    accessToken: "ignored",
    endpoints: { account: origin, basin: origin },
    forceTransport,
    ...options,
  });
  return {
    stream: s2.basin(basin).stream("s"),
    [Symbol.asyncDispose]: () => s2.close(),
  };
}

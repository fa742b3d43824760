import { S2, type S2Basin } from "@s2-dev/streamstore";
import { type LocalOptions, startLocal } from "@s2-dev/streamstore-local";

/** A basin to work in, which creates streams on append. */
export interface OpenBasin extends AsyncDisposable {
  readonly s2: S2;
  readonly basin: S2Basin;
  /** What `new S2(...)` takes to reach it from elsewhere, with all rights. Without `endpoints`: at the service. */
  readonly client: {
    readonly accessToken: string;
    readonly endpoints?: { readonly account: string; readonly basin: string };
  };
  /** Whether it is on a server within this process, and goes with it. */
  readonly isEmbedded: boolean;
  close(): Promise<void>;
}

/**
 * The basin that the environment names (`S2_BASIN`, with `S2_ACCESS_TOKEN` or the endpoints of another server); without
 * either one on an embedded server, which demands access tokens as the service does, and is started with `options`.
 */
export async function openBasin(options: LocalOptions = {}): Promise<OpenBasin> {
  const name = process.env.S2_BASIN || "example-basin";
  const { S2_ACCESS_TOKEN, S2_ACCOUNT_ENDPOINT: account, S2_BASIN_ENDPOINT: endpoint } = process.env;
  if (S2_ACCESS_TOKEN || account) {
    // A server that checks no token needs none.
    const accessToken = S2_ACCESS_TOKEN || "ignored";
    const client =
      account && endpoint ? { accessToken, endpoints: { account, basin: endpoint } } : { accessToken };
    const s2 = new S2(client);
    const close = () => s2.close();
    return { s2, basin: s2.basin(name), client, isEmbedded: false, close, [Symbol.asyncDispose]: close };
  }
  const local = await startLocal({
    auth: { rootToken: crypto.randomUUID() },
    init: { basins: [{ name, config: { create_stream_on_append: true } }] },
    ...options,
  });
  const client = local.clientOptions;
  const s2 = new S2(client);
  const close = async (): Promise<void> => {
    await s2.close();
    await local.close();
  };
  return { s2, basin: s2.basin(name), client, isEmbedded: true, close, [Symbol.asyncDispose]: close };
}

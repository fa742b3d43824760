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

/** Whether the environment names a server: by a token the service, by endpoints another one. */
export function isServerNamed(): boolean {
  const { S2_ACCESS_TOKEN, S2_ACCOUNT_ENDPOINT, S2_BASIN_ENDPOINT } = process.env;
  return Boolean(S2_ACCESS_TOKEN || S2_ACCOUNT_ENDPOINT || S2_BASIN_ENDPOINT);
}

/** The token that the environment gives; a server that checks none needs none. */
export function accessTokenOrAny(): string {
  return process.env.S2_ACCESS_TOKEN || "any";
}

/**
 * The basin `S2_BASIN` (`my-favourite-basin`) of the server that the environment names; without one, a basin on an embedded
 * server, which demands access tokens as the service does, and is started with `options`.
 */
export async function openBasin(options: LocalOptions = {}): Promise<OpenBasin> {
  const name = process.env.S2_BASIN || "my-favourite-basin";
  if (isServerNamed()) {
    const { S2_ACCOUNT_ENDPOINT: account, S2_BASIN_ENDPOINT: endpoint } = process.env;
    const accessToken = accessTokenOrAny();
    // One endpoint alone is left to the client, which says that it takes both.
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

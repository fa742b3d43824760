import { S2 } from "@s2-dev/streamstore";
import { createFakeClock, type FakeClock } from "@s2-dev/streamstore-core/testing";
import { type LocalOptions, type LocalServer, startLocal } from "@s2-dev/streamstore-local";

/** The token that may do everything. */
export const ROOT = "root";

/** A server that demands tokens, on a clock of its own, and its clients. */
export interface GuardedServer {
  readonly clock: FakeClock;
  readonly local: LocalServer;
  /** A client with this token, which is closed with the server. */
  connect(accessToken: string): S2;
  close(): Promise<void>;
}

export async function startGuarded(init: NonNullable<LocalOptions["init"]>): Promise<GuardedServer> {
  const clock = createFakeClock();
  const local = await startLocal({ auth: { rootToken: ROOT }, clock, init });
  const clients: S2[] = [];
  return {
    clock,
    local,
    connect(accessToken) {
      const client = new S2({ accessToken, endpoints: local.endpoints, requestTimeoutMillis: 60_000 });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) await client.close();
      await local.close();
    },
  };
}

/** A worker whose client is of the module, as people write it: all its requests share it. */
import { S2 } from "@s2-dev/streamstore";

/** Where the worker finds what it needs, in the query of each request. */
export interface SharedClientRequest {
  readonly origin: string;
  readonly basin: string;
  readonly stream: string;
  /** Gives an access token, by a request of its own. */
  readonly tokens: string;
  /** What is appended. */
  readonly body: string;
}

let s2: S2 | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const asked = Object.fromEntries(new URL(request.url).searchParams) as unknown as SharedClientRequest;
    if (asked.origin === undefined) return new Response("ready");
    const { origin, basin, stream: name, tokens, body } = asked;
    s2 ??= new S2({
      accessToken: async () => (await fetch(tokens)).text(),
      endpoints: { account: origin, basin: origin },
    });
    const stream = s2.basin(basin).stream(name);
    const session = await stream.appendSession();
    const { start } = await session.submit({ body });
    await session.close();
    const reading = await stream.readSession({ seq_num: start.seq_num, count: 1 });
    for await (const record of reading) return new Response(record.body);
    return new Response("nothing was read", { status: 500 });
  },
};

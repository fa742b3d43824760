import type { S2Stream } from "@s2-dev/streamstore";
import type { LinkBatch, ReadLink, Transport } from "@s2-dev/streamstore-core/transport";
import { freshStreamName } from "./names.js";
import type { SdkContext } from "./sdk-context.js";

/** A transport that counts its read links: those that have neither ended nor been let go of are open. */
export interface LinkCounter {
  readonly transport: Transport;
  readonly opened: number;
  readonly open: number;
  /** Batches and heartbeats that were asked for. */
  readonly pulled: number;
}

/** A stream of its own through a client whose read links are counted. */
export async function countedStream(ctx: SdkContext): Promise<{ stream: S2Stream; links: LinkCounter }> {
  const links = countReadLinks(ctx.transport);
  const basin = await ctx.basin();
  const name = freshStreamName();
  await basin.streams.create({ stream: name });
  const client = ctx.connect({ transport: links.transport });
  return { stream: client.basin(basin.name).stream(name), links };
}

function countReadLinks(transport: Transport): LinkCounter {
  let opened = 0;
  let pulled = 0;
  const open = new Set<object>();
  return {
    transport: {
      name: transport.name,
      exchange: (request, options) => transport.exchange(request, options),
      openAppend: (request, events, options) => transport.openAppend(request, events, options),
      openRead(request, format, options) {
        const link = transport.openRead(request, format, options);
        opened += 1;
        open.add(link);
        link.opened.catch(() => open.delete(link));
        return counted(
          link,
          () => {
            pulled += 1;
          },
          () => open.delete(link),
        );
      },
      close: () => transport.close(),
    },
    get opened() {
      return opened;
    },
    get open() {
      return open.size;
    },
    get pulled() {
      return pulled;
    },
  };
}

function counted<Link extends ReadLink>(link: Link, pull: () => void, forget: () => void): Link {
  const counting: ReadLink = {
    opened: link.opened,
    async next() {
      let batch: LinkBatch | null = null;
      pull();
      try {
        batch = await link.next();
        return batch;
      } finally {
        if (batch === null) forget();
      }
    },
    get bytesReceived() {
      return link.bytesReceived;
    },
    abort(reason) {
      forget();
      link.abort(reason);
    },
  };
  return counting as Link;
}

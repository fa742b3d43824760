import type { LinkBatch, ReadLink, Transport } from "@s2-dev/streamstore-core/transport";

/** A transport that counts its read links: those that have neither ended nor been let go of are open. */
export interface LinkCounter {
  readonly transport: Transport;
  readonly opened: number;
  readonly open: number;
}

export function countReadLinks(transport: Transport): LinkCounter {
  let opened = 0;
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
        return counted(link, () => open.delete(link));
      },
      close: () => transport.close(),
    },
    get opened() {
      return opened;
    },
    get open() {
      return open.size;
    },
  };
}

function counted<Link extends ReadLink>(link: Link, forget: () => void): Link {
  const counting: ReadLink = {
    opened: link.opened,
    async next() {
      let batch: LinkBatch | null = null;
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

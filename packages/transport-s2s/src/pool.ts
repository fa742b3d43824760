import { Fifo, type S2Error, sessionClosedError } from "@s2-dev/streamstore-core/transport";
import { type Connection, createConnection, MAX_STREAMS } from "./connection.js";
import type { S2sSettings } from "./settings.js";

/** One place on a connection. */
export interface Lease {
  readonly connection: Connection;
  /** Gives the place back, once its stream is closed. */
  release(): void;
}

/** What becomes of a wish for a lease: exactly one of the two, unless it is taken back. */
export interface LeaseEvents {
  granted(lease: Lease): void;
  refused(error: S2Error): void;
}

/** The connections of one transport, by origin. */
export interface Pool {
  /** Grants at once when a connection has a free place, else after a dial. Returns a function that takes the wish back. */
  acquire(origin: URL, events: LeaseEvents): () => void;
  /** Refuses what waits and what comes. Resolves when the connections are closed, which their requests delay. */
  close(): Promise<void>;
}

/** Connections are opened on demand and shared; those who wait for the same origin share its dials. */
export function createPool(settings: S2sSettings): Pool {
  const origins = new Map<string, OriginPool>();
  let closed = false;
  return {
    acquire(origin, events) {
      if (closed) {
        events.refused(sessionClosedError("The transport"));
        return () => {};
      }
      let pool = origins.get(origin.origin);
      if (pool === undefined) {
        pool = createOriginPool(origin, settings);
        origins.set(origin.origin, pool);
      }
      return pool.acquire(events);
    },
    async close() {
      closed = true;
      const pools = [...origins.values()];
      origins.clear();
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

interface OriginPool {
  acquire(events: LeaseEvents): () => void;
  close(): Promise<void>;
}

interface Waiter extends LeaseEvents {
  /** Granted, refused or taken back. */
  settled: boolean;
}

function createOriginPool(origin: URL, settings: S2sSettings): OriginPool {
  /** Those that may take requests. */
  const connections = new Set<Connection>();
  /** Those and the ones that still have requests, or are closing. */
  const all = new Set<Connection>();
  const waiters = new Fifo<Waiter>();
  let waiting = 0;

  function nextWaiter(): Waiter | undefined {
    for (let waiter = waiters.shift(); waiter !== undefined; waiter = waiters.shift()) {
      if (waiter.settled) continue;
      waiter.settled = true;
      waiting -= 1;
      return waiter;
    }
    return undefined;
  }

  function withFreePlace(): Connection | undefined {
    for (const connection of connections) if (connection.free > 0) return connection;
    return undefined;
  }

  function dialing(): Connection[] {
    return [...connections].filter((connection) => connection.phase === "dialing");
  }

  /** Hands free places to those who wait, and dials for the rest. */
  function serve(): void {
    while (waiting > 0) {
      const connection = withFreePlace();
      if (connection === undefined) break;
      nextWaiter()?.granted(createLease(connection));
    }
    let expected = waiting > 0 ? dialing().length * MAX_STREAMS : 0;
    while (expected < waiting) {
      expected += MAX_STREAMS;
      openConnection();
    }
  }

  function createLease(connection: Connection): Lease {
    const giveBack = connection.reserve();
    return {
      connection,
      release() {
        giveBack();
        serve();
      },
    };
  }

  function openConnection(): void {
    const connection = createConnection(origin, settings, {
      opened: serve,
      failed(error) {
        connections.delete(connection);
        // Another dial may still serve those who wait.
        if (dialing().length === 0) refuseAll(error);
      },
      retired() {
        connections.delete(connection);
        serve();
      },
    });
    connections.add(connection);
    all.add(connection);
    void connection.closed.then(() => all.delete(connection));
  }

  function refuseAll(error: S2Error): void {
    const refused: Waiter[] = [];
    for (let waiter = nextWaiter(); waiter !== undefined; waiter = nextWaiter()) refused.push(waiter);
    for (const waiter of refused) waiter.refused(error);
  }

  function cancel(waiter: Waiter): void {
    if (waiter.settled) return;
    waiter.settled = true;
    waiting -= 1;
    if (waiting > 0) return;
    // Nobody is left to use what is being dialed.
    for (const connection of dialing()) {
      connections.delete(connection);
      connection.retire();
    }
  }

  return {
    acquire(events) {
      const connection = waiting === 0 ? withFreePlace() : undefined;
      if (connection !== undefined) {
        events.granted(createLease(connection));
        return () => {};
      }
      const waiter: Waiter = { granted: events.granted, refused: events.refused, settled: false };
      waiters.push(waiter);
      waiting += 1;
      serve();
      return () => cancel(waiter);
    },
    async close() {
      refuseAll(sessionClosedError("The transport"));
      const retired = [...all];
      connections.clear();
      for (const connection of retired) connection.retire();
      await Promise.all(retired.map((connection) => connection.closed));
    },
  };
}

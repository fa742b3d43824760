import { Fifo, type S2Error, sessionClosedError } from "@s2-dev/streamstore-core/transport";
import { type Connection, createConnection } from "./connection.js";
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
        pool = new OriginPool(origin, settings);
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

interface Waiter extends LeaseEvents {
  /** Granted, refused or taken back. */
  settled: boolean;
}

class OriginPool {
  readonly #origin: URL;
  readonly #settings: S2sSettings;
  /** Those that may take requests. */
  readonly #usable = new Set<Connection>();
  /** Those and the ones that still have requests, or are closing. */
  readonly #all = new Set<Connection>();
  readonly #waiters = new Fifo<Waiter>();
  /** Waiters that are not settled. */
  #waiting = 0;

  constructor(origin: URL, settings: S2sSettings) {
    this.#origin = origin;
    this.#settings = settings;
  }

  acquire(events: LeaseEvents): () => void {
    const connection = this.#waiting === 0 ? this.#withFreePlace() : undefined;
    if (connection !== undefined) {
      events.granted(this.#lease(connection));
      return () => {};
    }
    const waiter: Waiter = { granted: events.granted, refused: events.refused, settled: false };
    this.#waiters.push(waiter);
    this.#waiting += 1;
    this.#serve();
    return () => this.#takeBack(waiter);
  }

  async close(): Promise<void> {
    this.#refuseAll(sessionClosedError("The transport"));
    const connections = [...this.#all];
    this.#usable.clear();
    // Whoever awaits the end must see it: until then the process stays.
    const holds = connections.map((connection) => connection.hold());
    for (const connection of connections) connection.retire();
    await Promise.all(connections.map((connection) => connection.closed));
    for (const letGo of holds) letGo();
  }

  /** Hands free places to those who wait, and dials for the rest. */
  #serve(): void {
    while (this.#waiting > 0) {
      const connection = this.#withFreePlace();
      if (connection === undefined) break;
      this.#nextWaiter()?.granted(this.#lease(connection));
    }
    const each = this.#settings.maxStreamsPerConnection;
    let expected = this.#waiting > 0 ? this.#dialing().length * each : 0;
    while (expected < this.#waiting) {
      expected += each;
      this.#dial();
    }
  }

  #dial(): void {
    const connection = createConnection(this.#origin, this.#settings, {
      opened: () => this.#serve(),
      failed: (error) => {
        this.#usable.delete(connection);
        // Another dial may still serve those who wait.
        if (this.#dialing().length === 0) this.#refuseAll(error);
      },
      retired: () => {
        this.#usable.delete(connection);
        this.#serve();
      },
    });
    this.#usable.add(connection);
    this.#all.add(connection);
    void connection.closed.then(() => this.#all.delete(connection));
  }

  #lease(connection: Connection): Lease {
    const giveBack = connection.reserve();
    return {
      connection,
      release: () => {
        giveBack();
        this.#serve();
      },
    };
  }

  #withFreePlace(): Connection | undefined {
    for (const connection of this.#usable) if (connection.free > 0) return connection;
    return undefined;
  }

  #dialing(): Connection[] {
    return [...this.#usable].filter((connection) => connection.phase === "dialing");
  }

  #nextWaiter(): Waiter | undefined {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      if (waiter.settled) continue;
      waiter.settled = true;
      this.#waiting -= 1;
      return waiter;
    }
    return undefined;
  }

  #refuseAll(error: S2Error): void {
    const refused: Waiter[] = [];
    for (let waiter = this.#nextWaiter(); waiter !== undefined; waiter = this.#nextWaiter())
      refused.push(waiter);
    for (const waiter of refused) waiter.refused(error);
  }

  #takeBack(waiter: Waiter): void {
    if (waiter.settled) return;
    waiter.settled = true;
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Nobody is left to use what is being dialed.
    for (const connection of this.#dialing()) {
      this.#usable.delete(connection);
      connection.retire();
    }
  }
}

import { EventEmitter } from "node:events";
import type { ServerHttp2Session } from "node:http2";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepAlive } from "./keep-alive.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** A session whose peer answers and sends when it is told to. */
function createSession() {
  const answers: (() => void)[] = [];
  const session = Object.assign(new EventEmitter(), {
    socket: { bytesRead: 0 },
    destroyed: false,
    ping(answered: (error: null) => void): boolean {
      answers.push(() => answered(null));
      return true;
    },
    destroy() {
      session.destroyed = true;
      session.emit("close");
    },
  });
  keepAlive(session as unknown as ServerHttp2Session, 1000);
  return { session, answers };
}

/** The time of the next ping comes; what has arrived by then is read after that. */
async function interval(arrived: () => void = () => undefined): Promise<void> {
  vi.advanceTimersByTime(1000);
  arrived();
  await new Promise((resolve) => setImmediate(resolve));
}

test("a peer that answers no ping is cut off at the time of the next", async () => {
  const { session } = createSession();
  await interval();
  expect(session.destroyed).toBe(false);
  await interval();
  expect(session.destroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a peer whose answer has come while the server was busy stays", async () => {
  const { session, answers } = createSession();
  await interval();
  await interval(() => answers.shift()?.());
  expect(session.destroyed).toBe(false);
  await interval();
  expect(answers).toHaveLength(1);
});

test("a peer that is sending stays, and goes when it sends and answers no more", async () => {
  const { session } = createSession();
  await interval();
  session.socket.bytesRead = 65_536;
  await interval();
  expect(session.destroyed).toBe(false);
  await interval();
  expect(session.destroyed).toBe(true);
});

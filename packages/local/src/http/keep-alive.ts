import type { ServerHttp2Session } from "node:http2";

/**
 * Pings the peer again and again, and cuts the connection when one is not answered by the time of the next: the peer is
 * gone, or stuck within a frame, or has broken the protocol. Of the last Node.js does not tell: its session then reads
 * nothing any more, not even that the peer has closed, and would stay for ever.
 */
export function keepAlive(session: ServerHttp2Session, intervalMs: number): void {
  let isWaiting = false;
  const timer = setInterval(() => {
    if (isWaiting) session.destroy();
    else if (!session.destroyed) isWaiting = ping(session, () => (isWaiting = false));
  }, intervalMs);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

/** Whether it was sent, so that an answer can be waited for. */
function ping(session: ServerHttp2Session, answered: () => void): boolean {
  try {
    return session.ping((error) => {
      if (error === null) answered();
    });
  } catch {
    return true;
  }
}

import { constants, type ServerHttp2Session } from "node:http2";

/**
 * Pings the peer again and again, and cuts the connection when nothing has come from it between a ping and the time of
 * the next: the peer is gone, or stuck within a frame, or has broken the protocol. Of the last Node.js does not tell: its
 * session then reads nothing any more, not even that the peer has closed, and would stay for ever. An answer may wait
 * behind what the peer is sending, so that counts too.
 */
export function keepAlive(session: ServerHttp2Session, intervalMs: number): void {
  let isWaiting = false;
  let seenBytes = 0;
  const look = (): void => {
    if (session.destroyed || !isWaiting) return;
    const bytes = bytesFrom(session);
    // With a code: else what is cut off would look complete to the peer.
    if (bytes === seenBytes) session.destroy(new Error("no ping was answered"), constants.NGHTTP2_CANCEL);
    else seenBytes = bytes;
  };
  const timer = setInterval(() => {
    // This process may have been busy itself, or stopped: what has come meanwhile is read first.
    if (isWaiting) setImmediate(look);
    else if (!session.destroyed) {
      seenBytes = bytesFrom(session);
      isWaiting = ping(session, () => (isWaiting = false));
    }
  }, intervalMs);
  timer.unref();
  session.once("close", () => clearInterval(timer));
}

function bytesFrom({ socket }: ServerHttp2Session): number {
  return socket?.bytesRead ?? 0;
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

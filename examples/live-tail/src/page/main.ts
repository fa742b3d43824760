import { createFollower, isS2Error, type ReadRecord } from "@s2-dev/streamstore/follower";
import type { Access } from "../access.js";

/** How many records a page that is opened sees at once, and how many it keeps. */
const BACKLOG = 50;
const KEPT = 200;
const RELOAD = "Load this page again.";
const MOVED = `The server has been started again, and with it the stream has moved. ${RELOAD}`;

const part = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const [status, summary, rows] = [part("status"), part("summary"), part("records")];

async function askAccess(): Promise<Access> {
  const response = await fetch("/access");
  if (!response.ok) throw new Error(`the server gives no access: ${response.status}`);
  return (await response.json()) as Access;
}

let access = await askAccess();
let until = performance.now() + access.goodForMillis;

let attempts = 0;

/** Asked before each attempt to connect: a token that is about to expire is replaced. */
async function token(): Promise<string> {
  say("connecting", "Connecting");
  attempts += 1;
  if (performance.now() > until) await renew();
  // It fails again and again: perhaps the server is a new one, and the stream is elsewhere.
  else if (attempts > 1) await renew().catch(() => undefined);
  if (access.endpoint !== endpoint) throw new Error(MOVED);
  return access.token;
}

async function renew(): Promise<void> {
  access = await askAccess();
  until = performance.now() + access.goodForMillis;
}

function say(state: "connecting" | "live" | "failed", text: string): void {
  status.dataset.state = state;
  status.textContent = text;
}

function rowOf({ seq_num, timestamp, body }: ReadRecord): HTMLTableRowElement {
  const row = document.createElement("tr");
  row.dataset.seqNum = String(seq_num);
  for (const text of [`${seq_num}`, new Date(timestamp).toLocaleTimeString(), body]) {
    row.insertCell().textContent = text;
  }
  return row;
}

const { basin, stream, endpoint } = access;
part("stream").textContent = `${basin} / ${stream}`;
const follower = createFollower({
  accessToken: token,
  basin,
  stream,
  endpoint,
  // A page that is open goes on trying for as long as it is.
  retry: { maxAttempts: "unlimited" },
});

try {
  let count = 0;
  const session = await follower.readSession({ tail_offset: BACKLOG, clamp: true });
  say("live", "Live");
  for await (const { records } of session.batches({ heartbeats: true })) {
    attempts = 0;
    // Also after a connection was lost, and without anything new.
    say("live", "Live");
    // By batch, so that many records at once are one change of the page. The newest is on top.
    rows.prepend(...records.map(rowOf).reverse());
    while (rows.childElementCount > KEPT) rows.lastElementChild?.remove();
    count += records.length;
    summary.textContent = `${count} records received, the newest on top`;
  }
} catch (error) {
  const hasMoved = access.endpoint !== endpoint;
  say("failed", hasMoved ? "Moved" : (isS2Error(error) && error.code) || "Failed");
  const reason = error instanceof Error ? error.message : String(error);
  summary.textContent = hasMoved ? MOVED : `${reason.replace(/\.?$/, ".")} ${RELOAD}`;
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as patterns from "@s2-dev/streamstore-patterns";

/** Whether a conversation can be resumed with what is there. */
export function resumesConversations(): void {
  const names = Object.keys(patterns).filter((name) => /resumable(chat|stream)/i.test(name));
  if (names.length === 0) throw new Error("nothing resumes or replays a conversation");
}

/** Whether another runtime is at hand to run the client in. */
export async function hasOtherRuntimes(): Promise<void> {
  for (const runtime of ["bun", "deno"]) await promisify(execFile)(runtime, ["--version"]);
}

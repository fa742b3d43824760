import type { SdkBehaviour } from "./behaviour.js";
import { createSdkContext } from "./sdk-context.js";
import type { Server } from "./servers/server.js";
import type { Pair, SdkWire } from "./targets.js";

/** Runs a behaviour of the SDK on a pair, and removes what it made. */
export async function performSdk(
  behaviour: SdkBehaviour,
  pair: Pair<SdkWire>,
  server: Server,
): Promise<void> {
  const { context, cleanup } = createSdkContext(pair, server);
  try {
    await behaviour.run(context);
  } finally {
    await cleanup.run();
  }
}

import { aiFive } from "./five.js";
import type { AiLane } from "./lane.js";
import { aiSeven } from "./seven.js";
import { aiSix } from "./six.js";

export type { AiLane, AiPackage, LaneMessage } from "./lane.js";

/** Every version of the AI SDK that the patterns are tried with. */
export const aiLanes: readonly AiLane[] = [aiFive, aiSix, aiSeven];

import * as camel from "@s2-dev/streamstore/camel";
import { createNewerParty, type NewerShape } from "./newer-shape.js";

/** Ours through its bridge for code of 0.21 and later. */
export const party = createNewerParty(camel as unknown as NewerShape);

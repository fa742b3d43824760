import * as published from "published-streamstore";
import { createNewerParty } from "./newer-shape.js";

export const party = createNewerParty(published);

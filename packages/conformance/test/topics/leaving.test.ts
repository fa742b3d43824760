import { afterAll } from "vitest";
import { leaving } from "../../src/behaviours/leaving.js";
import { removeLeavingBundles } from "../../src/leaving/run.js";
import { runTopic } from "../../src/run-topic.js";

afterAll(removeLeavingBundles);
runTopic(leaving);

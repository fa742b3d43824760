import { leaving } from "../../src/behaviours/leaving.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(leaving);

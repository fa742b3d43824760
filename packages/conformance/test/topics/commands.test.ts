import { commands } from "../../src/behaviours/commands.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(commands);

import { runTopic } from "../src/run-topic.js";
import { commands } from "../src/behaviours/commands.js";

runTopic(commands);

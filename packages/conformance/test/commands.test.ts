import { runTopic } from "../src/run-topic.js";
import { commands } from "../src/topics/commands.js";

runTopic(commands);

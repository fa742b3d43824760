import { runTopic } from "../src/run-topic.js";
import { refusing } from "../src/behaviours/refusing.js";

runTopic(refusing);

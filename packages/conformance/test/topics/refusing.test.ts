import { refusing } from "../../src/behaviours/refusing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(refusing);

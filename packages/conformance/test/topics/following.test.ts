import { following } from "../../src/behaviours/following.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(following);

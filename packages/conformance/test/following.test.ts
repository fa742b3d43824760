import { runTopic } from "../src/run-topic.js";
import { following } from "../src/behaviours/following.js";

runTopic(following);

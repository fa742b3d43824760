import { runTopic } from "../src/run-topic.js";
import { following } from "../src/topics/following.js";

runTopic(following);

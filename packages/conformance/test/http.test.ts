import { runTopic } from "../src/run-topic.js";
import { http } from "../src/behaviours/http.js";

runTopic(http);

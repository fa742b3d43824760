import { runTopic } from "../src/run-topic.js";
import { http } from "../src/topics/http.js";

runTopic(http);

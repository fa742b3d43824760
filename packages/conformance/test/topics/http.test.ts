import { http } from "../../src/behaviours/http.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(http);

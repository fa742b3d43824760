import { httpEncodings } from "../../src/behaviours/http-encodings.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(httpEncodings);

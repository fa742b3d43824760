import { leasing } from "../../src/behaviours/leasing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(leasing);

import { refusingRecords } from "../../src/behaviours/refusing-records.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(refusingRecords);

import { producing } from "../../src/behaviours/producing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(producing);

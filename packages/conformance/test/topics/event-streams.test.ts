import { eventStreams } from "../../src/behaviours/event-streams.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(eventStreams);

import { runTopic } from "../src/run-topic.js";
import { eventStreams } from "../src/behaviours/event-streams.js";

runTopic(eventStreams);

import { listing } from "../../src/behaviours/listing.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(listing);

import { runTopic } from "../src/run-topic.js";
import { listing } from "../src/behaviours/listing.js";

runTopic(listing);

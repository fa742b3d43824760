import { runTopic } from "../src/run-topic.js";
import { listing } from "../src/topics/listing.js";

runTopic(listing);

import { account } from "../../src/behaviours/account.js";
import { runTopic } from "../../src/run-topic.js";

runTopic(account);

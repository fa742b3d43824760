/** The suite as a page: options from the server it came from, outcomes back to it. */
import { runSuite, type SuiteOptions } from "./suite.js";

const options = (await (await fetch("/options")).json()) as SuiteOptions;
const outcomes = await runSuite(options).catch((error: unknown) => ({ error: String(error) }));
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });

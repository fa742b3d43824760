/** The suite as a program of Node, Bun or Deno: options as JSON in its argument, outcomes as the last line it prints. */
import { runSuite, type SuiteOptions } from "./suite.js";

const options = JSON.parse(process.argv[2] ?? "") as SuiteOptions;
console.log(`outcomes ${JSON.stringify(await runSuite(options))}`);
// Nothing ends the process: it has to end by itself.

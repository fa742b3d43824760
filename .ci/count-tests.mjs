// Prints "passed failed skipped", summed over the JSON reports of vitest in a directory.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const directory = process.argv[2];
let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of readdirSync(directory).filter((file) => file.endsWith(".json"))) {
  const report = JSON.parse(readFileSync(join(directory, name), "utf8"));
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that could not even be loaded has no tests in the report; it counts as one failure.
  const broken = report.testResults.filter(({ status, assertionResults }) => {
    return status === "failed" && !assertionResults.some((test) => test.status === "failed");
  });
  failed += report.numFailedTests + broken.length;
}
console.log(`${passed} ${failed} ${skipped}`);

// What the JSON reports of vitest in a directory say: "passed failed skipped" in the first line, then what failed and why.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const MESSAGE_LINES = 12;

const directory = process.argv[2];
const failures = [];
let passed = 0;
let skipped = 0;
for (const name of readdirSync(directory).filter((file) => file.endsWith(".json"))) {
  const report = JSON.parse(readFileSync(join(directory, name), "utf8"));
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const file of report.testResults) failures.push(...failuresOf(file));
}

console.log(`${passed} ${failures.length} ${skipped}`);
for (const { title, message } of failures) {
  console.log(`    failed: ${title}`);
  for (const line of message.split("\n").slice(0, MESSAGE_LINES)) console.log(`      ${line}`);
}

/** A file that could not even be loaded has no tests in the report; it counts as one failure. */
function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(process.cwd(), name);
  const tests = assertionResults.filter((test) => test.status === "failed");
  if (status === "failed" && tests.length === 0) return [{ title: path, message }];
  return tests.map((test) => ({
    title: `${path} > ${test.fullName}`,
    message: test.failureMessages.join("\n"),
  }));
}

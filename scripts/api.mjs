// Writes the reports of the public surface, `packages/*/etc`. The packages must be built.
import { writeReports } from "./lib/api-report.mjs";
import { publicPackages } from "./lib/public-packages.mjs";

for (const { folder, manifest } of publicPackages()) {
  for (const file of writeReports(folder)) console.log(`${manifest.name}: etc/${file}`);
}

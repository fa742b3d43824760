import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUDGET, PAGE_PROGRAMS, type PageProgram } from "@s2-dev/conformance/first-loads.js";
import { createProject, type Project } from "@s2-dev/conformance/packed.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstLoads } from "./first-load.js";

let project: Project;
let written = 0;

beforeAll(async () => {
  project = await createProject(["@s2-dev/streamstore", "@s2-dev/streamstore-patterns"]);
});

afterAll(() => rm(project.root, { recursive: true, force: true }));

/** The program's files in a folder of its own in the consumer's project. */
async function write({ main, route = "" }: PageProgram): Promise<{ entry: string; outdir: string }> {
  written += 1;
  const folder = join(project.root, `page-${written}`);
  await mkdir(folder);
  await writeFile(join(folder, "main.js"), main);
  await writeFile(join(folder, "route.js"), route);
  return { entry: join(folder, "main.js"), outdir: join(folder, "out") };
}

describe.each(Object.entries(firstLoads))("%s, given the packed packages,", (_name, firstLoad) => {
  it.each(PAGE_PROGRAMS.filter(({ isEverywhere = false }) => isEverywhere))(
    "loads of $name at first what makes calls, and the rest when it is needed [G-15]",
    async (program) => {
      const { entry, outdir } = await write(program);
      const files = await firstLoad(entry, outdir);
      expect(files.join("\n")).toContain("REQUEST_TIMEOUT");
      const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
      expect(bytes).toBeLessThan(BUDGET);
    },
  );
});

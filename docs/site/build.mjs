// Builds the site into `dist`: the guides, and the reference of every public entry. Needs no network, then or later.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Converter, KindRouter, Renderer, TSConfigReader, TypeDocReader } from "typedoc";
import { brokenLinks } from "./check-links.mjs";
import { entries } from "./entries.mjs";
import { writeLlms } from "./llms.mjs";
import { pages, ROOT } from "./pages.mjs";
import { preparePages } from "./prepare.mjs";
import { weighGuides } from "./search.mjs";

const here = fileURLToPath(new URL("../", import.meta.url));
const site = `${here}dist`;

const listed = pages();
const { files, home, titles } = preparePages(listed, "docs/README.md", `${here}.pages`);
const documented = entries();
process.chdir(here);

const app = await Application.bootstrap(
  {
    entryPoints: documented.map(({ file }) => file),
    projectDocuments: files,
    readme: home,
    router: "by-file",
    out: site,
  },
  [new TypeDocReader(), new TSConfigReader()],
);
nameModules(app, documented);
// Pages are called as their files are, so that links to them last.
app.renderer.defineRouter(
  "by-file",
  class extends KindRouter {
    getIdealBaseName(reflection) {
      const name = reflection.isDocument() ? titles.get(reflection.name) : undefined;
      return name === undefined ? super.getIdealBaseName(reflection) : `guides/${name}`;
    }
  },
);

app.renderer.on(Renderer.EVENT_PREPARE_INDEX, (event) => weighGuides(event, titles));

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
await app.generateDocs(project, site);
// From a disk no browser opens the index of a folder by itself.
for (const { name } of listed) {
  const page = `${site}/guides/${name}.html`;
  writeFileSync(page, readFileSync(page, "utf8").replaceAll('href="../"', 'href="../index.html"'));
}
writeLlms(site, listed, files);
copyFileSync(home, `${site}/markdown/home.md`);

const broken = brokenLinks(site);
for (const line of broken) console.error(`broken link: ${line}`);
if (broken.length > 0 || app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);

/** Modules are named as they are imported, not by where their source lies. */
function nameModules({ converter }, documented) {
  const names = new Map(documented.map(({ name, file }) => [relative(`${ROOT}packages`, file), name]));
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const name = [...names].find(([file]) => file.replace(/(?:\/index)?\.ts$/, "") === module.name)?.[1];
      if (name === undefined) throw new Error(`no entry is called ${module.name}`);
      module.name = name;
    }
  });
}

// The pages of the site, in the order of its navigation. Paths are from the root of the repository.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { publicPackages } from "../../scripts/lib/public-packages.mjs";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The guides by category: their file in `docs`, and in one line what is found there. */
const GUIDES = {
  Start: {
    start: "Append, read and follow in five minutes, without an account",
    concepts: "Basins, streams, records, positions, fencing and trimming, with pictures",
    transports: "s2s or fetch, and when to choose by hand",
    migration: "From 0.18, from 0.27, from Kafka, from Redis streams and from resumable-stream",
  },
  Guarantees: {
    guarantees: "What can be lost or stored twice, when, and how to rule it out",
    "back-pressure": "How a slow side slows the other one down, and what bounds memory",
    deadlines: "Every wait, its deadline, and what happens when that passes",
    errors: "Every error code, whether it is retried, and what to do about it",
    limits: "Sizes, names and counts, and who checks them",
  },
  Practice: {
    testing: "A server for each test, time that stands still, faults on demand",
    ai: "Answers of a model that survive reloads: in Next.js, in a page of Vite and React, and how it works",
    security: "Tokens in browsers, scopes, the bridge to server-sent events, content security policies",
    networks: "Proxies, own certificate authorities, client certificates, Next.js, Workers, Deno",
    "proxies-and-certificates":
      "The same as a table by runtime, and what it looks like when something is missing",
    performance: "What costs what, and how to measure it",
    "object-store": "s2-lite on an object store, failing over, what limits what, and how to shard",
  },
  Project: {
    runtimes: "What was shown to work in which runtime",
    versioning: "What a version promises, and what 1.0 will mean",
    dependencies: "Everything that is installed along, and why",
    architecture: "The packages, who may import whom, and the way of a batch",
    features: "Every feature, with the test that shows it",
  },
};

/** @returns {{ source: string; category: string; about: string; name: string }[]} `name` is that of its page. */
export function pages() {
  const guides = Object.entries(GUIDES).flatMap(([category, files]) =>
    Object.entries(files).map(([name, about]) => ({ source: `docs/${name}.md`, category, about, name })),
  );
  const packages = publicPackages().map(({ folder, manifest }) => {
    return {
      source: `packages/${basename(folder)}/README.md`,
      category: "Packages",
      about: manifest.description,
      name: manifest.name.split("/")[1],
    };
  });
  const examples = readdirSync(`${ROOT}examples`)
    .filter((name) => existsSync(`${ROOT}examples/${name}/README.md`))
    .map((name) => ({
      source: `examples/${name}/README.md`,
      category: "Examples",
      about: JSON.parse(readFileSync(`${ROOT}examples/${name}/package.json`, "utf8")).description,
      name: `example-${name}`,
    }));
  return [
    {
      source: "README.md",
      category: "Start",
      about: "What the SDK does, on one page",
      name: "overview",
      title: "Overview",
    },
    ...guides,
    ...packages,
    ...examples,
    { source: "CONTRIBUTING.md", category: "Project", about: "How to work on the SDK", name: "contributing" },
  ].filter(({ source }) => existsSync(ROOT + source));
}

import { isBuiltin } from "node:module";
import { posix } from "node:path";
import {
  coreDivisions,
  coreFolders,
  detectedGlobals,
  guardedEntries,
  neutralExternals,
  notFromEntries,
  type PackageRule,
  packageRules,
  patternsFolders,
  testExternals,
  unrestricted,
} from "./rules.js";
import { type SourceFacts, sourceFacts } from "./source-facts.js";
import type { Manifest, Workspace } from "./workspace.js";

/** What an import leads to. */
type Target =
  | { readonly kind: "node" }
  | { readonly kind: "external"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "sibling";
      readonly folder: string;
      readonly entry: string;
      readonly path: string | undefined;
    }
  | { readonly kind: "unknown" };

/** Tests, and what only tests import: fixtures beside them, helpers in `test`. None of it is published. */
const isTest = (path: string): boolean =>
  /\.(test|fixture)\.[cm]?tsx?$/.test(path) || path.split("/")[1] === "test";
const folderOf = (path: string): string => path.split("/")[0] ?? "";

/** Every arrow that is not allowed, one sentence each; empty when all is well. */
export function checkArchitecture(workspace: Workspace): string[] {
  const facts = sourceFacts(workspace.files);
  const found: string[] = [];
  for (const [folder, manifest] of workspace.manifests)
    found.push(...checkManifest(folder, manifest, workspace));
  for (const [path, { imports }] of facts) {
    for (const specifier of imports) {
      const why = refuse(path, specifier, workspace);
      if (why !== undefined) found.push(`${path} imports "${specifier}": ${why}`);
    }
  }
  for (const [path, why] of neutralFiles(facts, workspace)) {
    found.push(...checkNeutral(path, why, facts.get(path), workspace));
  }
  return found;
}

function checkManifest(folder: string, manifest: Manifest, workspace: Workspace): string[] {
  const rule = packageRules[folder];
  if (!rule) {
    return unrestricted.includes(folder)
      ? []
      : [`${folder} has no rule: add it to packageRules or unrestricted`];
  }
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  const named = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
  return [...workspace.manifests]
    .filter(([other, { name }]) => name in named && !siblingsOf(rule, true).includes(other))
    .map(([other]) => `${folder}/package.json depends on ${other}: this arrow is not allowed`);
}

/** Why this import is not allowed, or nothing. */
function refuse(path: string, specifier: string, workspace: Workspace): string | undefined {
  const folder = folderOf(path);
  const rule = packageRules[folder];
  if (!rule) return undefined;
  const target = resolve(path, specifier, workspace, []);
  switch (target.kind) {
    case "node":
      return undefined;
    case "unknown":
      return "nothing is found there";
    case "external": {
      const allowed = isTest(path) ? [...rule.externals, ...testExternals] : rule.externals;
      if (!allowed.includes(target.name)) return `${folder} may not import this package`;
      const onlySchemas = folder === "core" && target.name === "zod" && !path.startsWith("core/src/schemas/");
      return onlySchemas ? "zod belongs to the schemas" : undefined;
    }
    case "sibling":
      return refuseSibling(path, target.folder, target.entry);
    case "file":
      if (folderOf(target.path) !== folder) return "reaches into another package";
      if (!isTest(path) && isTest(target.path)) return "a source imports a test";
      if (folder === "patterns") return refuseInPatterns(path, target.path);
      return folder === "core" ? refuseInCore(path, target.path) : undefined;
  }
}

const siblingsOf = (rule: PackageRule, forTests: boolean): readonly string[] =>
  forTests ? [...rule.siblings, ...(rule.testSiblings ?? [])] : rule.siblings;

function refuseSibling(path: string, folder: string, entry: string): string | undefined {
  const from = folderOf(path);
  const rule = packageRules[from];
  if (rule === undefined || !siblingsOf(rule, isTest(path)).includes(folder)) {
    return `no arrow from ${from} to ${folder}`;
  }
  const guarded = folder === "core" ? guardedEntries[entry] : undefined;
  if (!guarded || isTest(path) || guarded.includes(from)) return undefined;
  return `the sources of ${from} may not import core/${entry}`;
}

function refuseInCore(path: string, target: string): string | undefined {
  const from = corePlace(path);
  const to = corePlace(target);
  if (from.folder === undefined) {
    return to.folder !== undefined && notFromEntries.includes(to.folder) && !isTest(path)
      ? `an entry of core may not import ${to.folder}`
      : undefined;
  }
  if (to.folder === undefined)
    return isTest(path) ? undefined : "a folder of core may not import an entry of core";
  if (from.folder === to.folder) {
    return to.division === undefined || to.division === from.division
      ? undefined
      : `${from.folder}/${from.division ?? ""} may not import ${to.folder}/${to.division}`;
  }
  if (isTest(path) && to.folder === "testing") return undefined;
  if (!coreFolders[from.folder]) return `core/src/${from.folder} has no rule: add it to coreFolders`;
  return coreFolders[from.folder]?.includes(to.folder)
    ? undefined
    : `no arrow from ${from.folder} to ${to.folder}`;
}

/** Each folder is an entry: one that is imported alone must not bring the others along. */
function refuseInPatterns(path: string, target: string): string | undefined {
  const [from, to] = [path, target].map((file) => file.split("/src/")[1]?.split("/").slice(0, -1)[0]);
  if (from === undefined || from === to) return undefined;
  if (to === undefined) return isTest(path) ? undefined : "a folder of patterns may not import the root";
  if (!patternsFolders[from]) return `patterns/src/${from} has no rule: add it to patternsFolders`;
  return patternsFolders[from]?.includes(to) ? undefined : `no arrow from ${from} to ${to}`;
}

interface CorePlace {
  readonly folder: string | undefined;
  readonly division: string | undefined;
}

/** Where in `core/src` a file lies. What lies outside, as `core/test` does, is treated as an entry. */
function corePlace(path: string): CorePlace {
  const [, part, folder, division] = path.split("/").slice(0, -1);
  if (part !== "src" || folder === undefined) return { folder: undefined, division: undefined };
  const divided = division !== undefined && coreDivisions[folder]?.includes(division);
  return { folder, division: divided ? division : undefined };
}

/** The files that must run without Node, each with the entry that needs it. */
function neutralFiles(facts: ReadonlyMap<string, SourceFacts>, workspace: Workspace): Map<string, string> {
  const needed = new Map<string, string>();
  for (const [folder, { neutral }] of Object.entries(packageRules)) {
    if (neutral === "all") {
      for (const path of facts.keys()) {
        if (folderOf(path) === folder && !isTest(path)) needed.set(path, folder);
      }
    } else if (neutral === "default entry") {
      reach(`${folder}/src/index.ts`, `the default entry of ${folder}`, facts, workspace, needed);
    }
  }
  return needed;
}

function reach(
  start: string,
  why: string,
  facts: ReadonlyMap<string, SourceFacts>,
  workspace: Workspace,
  needed: Map<string, string>,
): void {
  const seen = new Set<string>();
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path) || !facts.has(path)) continue;
    seen.add(path);
    if (!needed.has(path)) needed.set(path, why);
    for (const specifier of facts.get(path)?.imports ?? []) {
      const target = resolve(path, specifier, workspace, []);
      if ((target.kind === "file" || target.kind === "sibling") && target.path) queue.push(target.path);
    }
  }
}

function checkNeutral(
  path: string,
  why: string,
  facts: SourceFacts | undefined,
  workspace: Workspace,
): string[] {
  const detected = detectedGlobals[path] ?? [];
  const found = (facts?.nodeGlobals ?? [])
    .filter((name) => !detected.includes(name))
    .map((name) => `${path} uses ${name}: ${why} must run without Node`);
  for (const specifier of facts?.imports ?? []) {
    const target = resolve(path, specifier, workspace, []);
    const bound =
      target.kind === "node" || (target.kind === "external" && !neutralExternals.includes(target.name));
    if (bound) found.push(`${path} imports "${specifier}": ${why} must run without Node`);
  }
  return found;
}

/** Resolves as a bundler would that reads sources, under these conditions besides `default`. */
function resolve(
  path: string,
  specifier: string,
  workspace: Workspace,
  conditions: readonly string[],
): Target {
  const active = ["@s2-dev/source", ...conditions, "default"];
  const folder = folderOf(path);
  if (specifier === "node" || isBuiltin(specifier)) return { kind: "node" };
  if (specifier.startsWith(".")) return fileTarget(posix.join(posix.dirname(path), specifier), workspace);
  if (specifier.startsWith("#")) {
    const mapped = choose(workspace.manifests.get(folder)?.imports?.[specifier], active);
    if (mapped === undefined) return { kind: "unknown" };
    return mapped.startsWith(".")
      ? fileTarget(posix.join(folder, mapped), workspace)
      : resolve(path, mapped, workspace, conditions);
  }
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  const sibling = [...workspace.manifests].find(([, manifest]) => manifest.name === name);
  if (!sibling) return { kind: "external", name };
  const entry = specifier.slice(name.length + 1);
  const mapped = choose(sibling[1].exports?.[entry === "" ? "." : `./${entry}`], active);
  if (mapped === undefined) return { kind: "unknown" };
  return { kind: "sibling", folder: sibling[0], entry, path: posix.join(sibling[0], mapped) };
}

/** The file that a conditional target of a manifest leads to. */
function choose(target: unknown, conditions: readonly string[]): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    const chosen = conditions.includes(condition) ? choose(inner, conditions) : undefined;
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

function fileTarget(path: string, workspace: Workspace): Target {
  const stem = path.replace(/\.[cm]?jsx?$/, "");
  const candidates = [
    path,
    `${stem}.ts`,
    `${stem}.tsx`,
    `${stem}.mts`,
    `${stem}.cts`,
    `${path}.ts`,
    `${path}/index.ts`,
  ];
  const found = candidates.find((candidate) => workspace.files.has(candidate));
  if (found !== undefined) return { kind: "file", path: found };
  // Data (fixtures, a manifest) is no arrow between folders, but may not come from another package either.
  return path.endsWith(".json") ? { kind: "file", path } : { kind: "unknown" };
}

// The public surface of a package, as text that is checked in: a change of it is a change of these files.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** Entries that only sibling packages of the same version import: they change without notice. */
const FOR_SIBLINGS = {
  "@s2-dev/streamstore-core": [
    "wire",
    "session",
    "client",
    "reading",
    "appending",
    "control",
    "exactly-once",
    "unary-read",
    "operations",
  ],
  "@s2-dev/streamstore-transport-fetch": ["calls", "reading", "appending", "parts"],
};

/**
 * What every entry of a package exports, by the file that says it: `index.api.md` for `.`, `follower.api.md` for
 * `./follower`. From the declarations as built, without comments, in the order of names. What is not exported but named
 * by something that is, is there, too.
 */
export function apiReports(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const entries = Object.entries(manifest.exports).flatMap(([name, target]) => {
    const types = FOR_SIBLINGS[manifest.name]?.includes(name.slice(2)) ? undefined : typesOf(target);
    return types === undefined ? [] : [{ name, types: resolve(folder, types) }];
  });
  const program = ts.createProgram(
    entries.map(({ types }) => types),
    { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, noEmit: true },
  );
  return new Map(
    entries.map(({ name, types }) => {
      const file = name === "." ? "index" : name.slice(2).replaceAll("/", "-");
      return [`${file}.api.md`, report(manifest.name + name.slice(1), types, resolve(folder), program)];
    }),
  );
}

/** Writes the reports of a package and removes those of entries that are gone. Returns the names of those that changed. */
export function writeReports(folder) {
  const changed = differences(folder);
  const etc = join(folder, "etc");
  mkdirSync(etc, { recursive: true });
  const reports = apiReports(folder);
  for (const file of readdirSync(etc)) if (!reports.has(file)) rmSync(join(etc, file));
  for (const [file, text] of reports) writeFileSync(join(etc, file), text);
  return changed;
}

/** The names of reports of a package that are not as they are checked in. */
export function differences(folder) {
  const etc = join(folder, "etc");
  const reports = apiReports(folder);
  const there = existsSync(etc) ? readdirSync(etc) : [];
  const changed = [...reports].filter(([file, text]) => {
    return !there.includes(file) || readFileSync(join(etc, file), "utf8") !== text;
  });
  return [...changed.map(([file]) => file), ...there.filter((file) => !reports.has(file))];
}

/** The declarations of an entry: those of its default form, for modules. */
function typesOf(target) {
  if (typeof target !== "object") return undefined;
  return target.import?.types ?? target.node?.import?.types ?? target.default?.import?.types;
}

function report(name, types, folder, program) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(types);
  const exported = new Map();
  for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
    exported.set(symbol.name, unaliased(symbol, checker));
  }
  const named = namedBy([...exported.values()], folder, checker);
  const sections = [`# ${name}`, code([...exported].map(([as, symbol]) => [as, symbol]))];
  if (named.length > 0) {
    sections.push("Not exported, but named above:", code(named.map((symbol) => [symbol.name, symbol])));
  }
  return `${sections.join("\n\n")}\n`;

  function code(symbols) {
    const parts = symbols
      .map(([as, symbol]) =>
        inside(symbol, folder) ? printed(as, symbol) : `// ${as}: of ${homeOf(symbol)}`,
      )
      .sort();
    return `\`\`\`ts\n${parts.join("\n\n")}\n\`\`\``;
  }
}

/** What lies in this package and is named by the symbols, directly or not, without being one of them. */
function namedBy(symbols, folder, checker) {
  const seen = new Set(symbols);
  const waiting = [...symbols];
  const found = [];
  for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
    if (!inside(symbol, folder)) continue;
    for (const declaration of symbol.declarations) visit(declaration);
  }
  return found;

  function visit(node) {
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node) || ts.isTypeQueryNode(node)) {
      const at = ts.isTypeReferenceNode(node) ? node.typeName : (node.exprName ?? node.expression);
      const symbol = checker.getSymbolAtLocation(at);
      if (symbol !== undefined) add(unaliased(symbol, checker));
    }
    ts.forEachChild(node, visit);
  }

  function add(symbol) {
    if (seen.has(symbol) || (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0) return;
    seen.add(symbol);
    if (!inside(symbol, folder)) return;
    found.push(symbol);
    waiting.push(symbol);
  }
}

function unaliased(symbol, checker) {
  return (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
}

function inside(symbol, folder) {
  return symbol.declarations?.some((declaration) =>
    declaration.getSourceFile().fileName.startsWith(`${folder}/dist/`),
  );
}

/** The package that a symbol comes from. */
function homeOf(symbol) {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? "";
  const sibling = /\/packages\/([\w-]+)\/dist\//.exec(file)?.[1];
  if (sibling !== undefined) return sibling;
  return /.*\/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/.exec(file)?.[1] ?? "elsewhere";
}

function printed(as, symbol) {
  const printer = ts.createPrinter({ removeComments: true });
  const texts = symbol.declarations.map((declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
    return text.replace(/^(export |declare )+/, "");
  });
  const text = [...new Set(texts)].join("\n");
  return symbol.name === as ? text : `// ${as}\n${text}`;
}

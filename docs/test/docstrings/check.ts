import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { entries } from "../../site/entries.mjs";
import type { DocstringExample } from "./extract.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const HERE = fileURLToPath(new URL("./", import.meta.url));
/** Lies here, so that its imports resolve as those of this package do. */
const OVERVIEW = join(HERE, "every-entry.ts");

/** A module that exports something, and what of it was declared where. */
interface Exporter {
  readonly specifier: string;
  readonly declaredIn: ReadonlyMap<string, string>;
}

/**
 * Checks each example as a function of its own, strictly, against the sources of the packages. A name that it does not
 * declare is one of `names.ts` or of a public entry: of the entry that exports what the docstring belongs to, first.
 *
 * @returns what is wrong, each with the place of the docstring.
 */
export function complaintsAbout(examples: readonly DocstringExample[]): string[] {
  surroundings ??= readSurroundings();
  const { options, exporters } = surroundings;
  const texts = new Map(
    examples.map((example, index) => [join(HERE, `example-${index}.ts`), moduleOf(example, exporters)]),
  );
  const program = ts.createProgram([...texts.keys()], options, hostOf(options, texts));
  return examples.flatMap(({ file, line }, index) => {
    const source = program.getSourceFile(join(HERE, `example-${index}.ts`));
    const told = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return told.map(
      ({ messageText }) => `${file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
  });
}

interface Surroundings {
  readonly options: ts.CompilerOptions;
  readonly exporters: readonly Exporter[];
}

let surroundings: Surroundings | undefined;

function readSurroundings(): Surroundings {
  const { config } = ts.readConfigFile(join(HERE, "../tsconfig.json"), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, join(HERE, ".."));
  const options: ts.CompilerOptions = {
    ...parsed.options,
    verbatimModuleSyntax: false,
    isolatedModules: false,
  };
  const specifiers = ["./names.js", ...entries().map(({ name }) => name)];
  const overview = specifiers.map((specifier) => `import ${JSON.stringify(specifier)};\n`).join("");
  const program = ts.createProgram([OVERVIEW], options, hostOf(options, new Map([[OVERVIEW, overview]])));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(OVERVIEW);
  const modules = source?.statements.filter(ts.isImportDeclaration) ?? [];
  const exporters = modules.map(({ moduleSpecifier }): Exporter => {
    const specifier = (moduleSpecifier as ts.StringLiteral).text;
    const module = checker.getSymbolAtLocation(moduleSpecifier);
    if (module === undefined) throw new Error(`${specifier} is not found`);
    const symbols = checker.getExportsOfModule(module);
    return {
      specifier,
      declaredIn: new Map(symbols.map((symbol) => [symbol.name, homeOf(symbol, checker)])),
    };
  });
  return { options, exporters };
}

/** The file that declares what a module exports. */
function homeOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  const declared = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  return declared.declarations?.[0]?.getSourceFile().fileName ?? "";
}

function moduleOf({ file, code }: DocstringExample, exporters: readonly Exporter[]): string {
  const isImport = (line: string): boolean => line.startsWith("import ");
  const lines = code.split("\n");
  const own = lines.filter(isImport);
  const home = join(ROOT, file);
  const names = new Set(code.match(/[A-Za-z_$][\w$]*/g));
  const taken = new Set(own.join("\n").match(/[A-Za-z_$][\w$]*/g));
  const imports = [...names]
    .filter((name) => !taken.has(name))
    .flatMap((name) => {
      const having = exporters.filter(({ declaredIn }) => declaredIn.has(name));
      const from = having.find(({ declaredIn }) => declaredIn.get(name) === home) ?? having[0];
      return from === undefined ? [] : [`import { ${name} } from ${JSON.stringify(from.specifier)};`];
    });
  const body = lines.filter((line) => !isImport(line)).join("\n");
  return `${[...own, ...imports].join("\n")}\nexport async function example() {\n${body}\n}\n`;
}

/** The compiler's own host, with some files that are in memory only. */
export function hostOf(options: ts.CompilerOptions, texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (path) => texts.has(path) || host.fileExists(path),
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile(path, languageVersion, onError, shouldCreate) {
      const text = texts.get(path);
      if (text === undefined) return host.getSourceFile(path, languageVersion, onError, shouldCreate);
      return ts.createSourceFile(path, text, languageVersion);
    },
  };
}

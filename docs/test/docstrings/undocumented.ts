import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { hostOf } from "./check.js";
import { undocumentedMembers } from "./undocumented-members.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** What these modules export without saying what it is, and members of that, each with its place. Namespaces speak by their members. */
export function undocumentedExports(
  entries: readonly string[],
  sources = new Map<string, string>(),
): string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ["@s2-dev/source"],
    types: [],
    noEmit: true,
  };
  const program = ts.createProgram(entries, options, hostOf(options, sources));
  const checker = program.getTypeChecker();
  const found = entries.flatMap((entry) => {
    const file = program.getSourceFile(entry);
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${entry} is no module`);
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const alias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = alias ? checker.getAliasedSymbol(exported) : exported;
      const [declaration] = symbol.declarations ?? [];
      if (declaration === undefined) throw new Error(`${entry}: ${exported.name} is nowhere declared`);
      if (ts.isSourceFile(declaration)) return [];
      const isSaid = symbol.getDocumentationComment(checker).length > 0;
      const silent = [...(isSaid ? [] : [symbol.name]), ...undocumentedMembers(declaration, checker)];
      return silent.map((name) => `${relative(ROOT, declaration.getSourceFile().fileName)}: ${name}`);
    });
  });
  return [...new Set(found)].sort();
}

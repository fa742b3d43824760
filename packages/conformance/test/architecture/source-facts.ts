import ts from "typescript";

/** What one file refers to, read from its syntax tree. */
export interface SourceFacts {
  /** Every module it names: imports, re-exports, `import()`, `require()`, types only or not. */
  readonly imports: readonly string[];
  /** Globals of Node that it uses or declares, by name. */
  readonly nodeGlobals: readonly string[];
}

const nodeGlobals: ReadonlySet<string> = new Set([
  "process",
  "Buffer",
  "setImmediate",
  "clearImmediate",
  "global",
  "require",
  "module",
  "__dirname",
  "__filename",
  "NodeJS",
]);

/** Reads the facts of every file at once: one program without libraries, so that a free name is one unresolved. */
export function sourceFacts(files: ReadonlyMap<string, string>): Map<string, SourceFacts> {
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
  };
  const sources = new Map<string, ts.SourceFile>();
  for (const [path, text] of files) {
    sources.set(`/${path}`, ts.createSourceFile(`/${path}`, text, ts.ScriptTarget.ES2022, true));
  }
  const host: ts.CompilerHost = {
    getSourceFile: (path) => sources.get(path),
    getDefaultLibFileName: () => "/lib.d.ts",
    writeFile: () => undefined,
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (path) => sources.has(path),
    readFile: () => undefined,
  };
  const checker = ts.createProgram([...sources.keys()], options, host).getTypeChecker();
  const facts = new Map<string, SourceFacts>();
  for (const path of files.keys()) {
    const source = sources.get(`/${path}`);
    if (source) facts.set(path, factsOf(source, checker));
  }
  return facts;
}

function factsOf(source: ts.SourceFile, checker: ts.TypeChecker): SourceFacts {
  const imports = new Set<string>();
  const globals = new Set<string>();
  const visit = (node: ts.Node): void => {
    const named = importedModule(node);
    if (named !== undefined) imports.add(named);
    const global = usedNodeGlobal(node, checker);
    if (global !== undefined) globals.add(global);
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { fileName } of source.typeReferenceDirectives) imports.add(fileName);
  return { imports: [...imports], nodeGlobals: [...globals] };
}

function importedModule(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
  return isImport || isRequire ? textOf(node.arguments[0]) : undefined;
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node && ts.isStringLiteralLike(node) ? node.text : undefined;

function usedNodeGlobal(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (ts.isElementAccessExpression(node) && isGlobalThis(node.expression)) {
    const name = textOf(node.argumentExpression);
    return name !== undefined && nodeGlobals.has(name) ? name : undefined;
  }
  if (!ts.isIdentifier(node) || !nodeGlobals.has(node.text)) return undefined;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return isGlobalThis(parent.expression) ? node.text : undefined;
  }
  if (isName(node)) return undefined;
  return isLocal(checker.getSymbolAtLocation(node)) ? undefined : node.text;
}

/** `globalThis`, also in parentheses or through a cast. */
function isGlobalThis(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node))
    return isGlobalThis(node.expression);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return isGlobalThis(node.expression);
  return ts.isIdentifier(node) && node.text === "globalThis";
}

/** A name that a declaration gives to a member or an import, rather than a use of the global. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return parent.propertyName === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent)) &&
    parent.name === node
  );
}

function isLocal(symbol: ts.Symbol | undefined): boolean {
  return (symbol?.declarations ?? []).some((declaration) => !isAmbient(declaration));
}

/** Whether it, or what encloses it, says `declare`. */
function isAmbient(declaration: ts.Declaration): boolean {
  const declared = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient;
  if (declared) return true;
  return ts.findAncestor(declaration, ts.isModuleDeclaration)?.modifiers?.some(isDeclare) ?? false;
}

const isDeclare = (modifier: ts.ModifierLike): boolean => modifier.kind === ts.SyntaxKind.DeclareKeyword;

import ts from "typescript";

/** Members of interfaces, classes and objects that say nothing of what they are, as `Type.member`. */
export function undocumentedMembers(declaration: ts.Declaration, checker: ts.TypeChecker): string[] {
  const owner = ownerOf(declaration);
  if (owner === undefined) return [];
  return owner.members.flatMap((member) => {
    const name = nameOf(member);
    if (name === undefined || isHidden(member)) return [];
    const symbol = checker.getSymbolAtLocation(name);
    // Of what a class implements or extends the docstring counts, as in editors and in the reference.
    if (symbol === undefined || symbol.getDocumentationComment(checker).length > 0) return [];
    return [`${owner.name}.${symbol.name}`];
  });
}

interface Owner {
  readonly name: string;
  readonly members: readonly (ts.TypeElement | ts.ClassElement)[];
}

function ownerOf(declaration: ts.Declaration): Owner | undefined {
  if (ts.isInterfaceDeclaration(declaration))
    return { name: declaration.name.text, members: declaration.members };
  if (ts.isClassDeclaration(declaration))
    return { name: declaration.name?.text ?? "default", members: declaration.members };
  if (ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type))
    return { name: declaration.name.text, members: declaration.type.members };
  return undefined;
}

/** Those with a name of their own: symbols are the language's, and constructors are spoken for by their class. */
function nameOf(member: ts.TypeElement | ts.ClassElement): ts.Node | undefined {
  return member.name !== undefined && ts.isIdentifier(member.name) ? member.name : undefined;
}

function isHidden(member: ts.TypeElement | ts.ClassElement): boolean {
  const flags = ts.getCombinedModifierFlags(member);
  return (
    (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
    ts.getJSDocTags(member).some(({ tagName }) => tagName.text === "internal")
  );
}

import type { Choice } from "./choice.js";
import { mutateBytes } from "./mutate-bytes.js";
import { NASTY_INTEGERS, NASTY_TEXTS } from "./nasty.js";

/** A JSON value as it will be written: what no `JSON.stringify` would write can stand in it too. */
type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "array"; readonly items: Node[] }
  | { readonly kind: "object"; readonly entries: [key: string, value: Node][] };

const RAW: readonly string[] = [
  ...[
    "null",
    "true",
    "[]",
    "{}",
    '""',
    "tru",
    "nul",
    "'x'",
    "NaN",
    "Infinity",
    "-",
    "1.",
    ".5",
    "01",
    "//",
    "/**/",
  ],
  ...[
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\x"',
    '"\n"',
    '"unterminated',
    '{"a":1,}',
    "[1,]",
    "[1 2]",
  ],
];
const DEPTHS = [2, 10, 100, 1000, 5000];
const TOO_DEEP = /(?:\[|\{"a":){1000}/;
const LENGTHS = [2, 999, 1000, 1001, 1500];

/** A JSON text with a few of its values, keys or characters changed; most results are still JSON. */
export function mutateJson(choice: Choice, text: string): Buffer {
  let root: Node;
  // What was nested before goes deeper than a recursion may: its characters are changed instead.
  if (TOO_DEEP.test(text)) return mutateBytes(choice, Buffer.from(text));
  try {
    root = nodeOf(JSON.parse(text));
  } catch {
    return mutateBytes(choice, Buffer.from(text));
  }
  for (let left = 1 + choice.int(3); left > 0; left -= 1) root = mutateNode(choice, root);
  const written = Buffer.from(write(root));
  return choice.chance(0.1) ? mutateBytes(choice, written) : written;
}

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: "array", items: value.map(nodeOf) };
  if (value === null || typeof value !== "object") return { kind: "text", text: JSON.stringify(value) };
  return { kind: "object", entries: Object.entries(value).map(([key, item]) => [key, nodeOf(item)]) };
}

function write(node: Node): string {
  if (node.kind === "text") return node.text;
  if (node.kind === "array") return `[${node.items.map(write).join(",")}]`;
  return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(",")}}`;
}

/** Goes down some way, and changes what is there. */
function mutateNode(choice: Choice, node: Node): Node {
  const size = node.kind === "array" ? node.items.length : node.kind === "object" ? node.entries.length : 0;
  if (size === 0 || choice.chance(0.25)) return mutateHere(choice, node);
  const at = choice.int(size);
  if (node.kind === "array") {
    node.items[at] = mutateNode(choice, node.items[at] as Node);
  } else if (node.kind === "object") {
    const entry = node.entries[at] as [string, Node];
    entry[1] = mutateNode(choice, entry[1]);
  }
  return node;
}

function mutateHere(choice: Choice, node: Node): Node {
  if (node.kind === "object" && choice.chance(0.5)) return mutateEntries(choice, node.entries);
  if (node.kind === "array" && choice.chance(0.5)) return mutateItems(choice, node.items);
  switch (choice.int(5)) {
    case 0:
      return { kind: "text", text: choice.pick(NASTY_INTEGERS) };
    case 1:
      return { kind: "text", text: JSON.stringify(choice.pick(NASTY_TEXTS)) };
    case 2:
      return { kind: "text", text: nested(choice) };
    case 3:
      return { kind: "array", items: [node] };
    default:
      return { kind: "text", text: choice.pick(RAW) };
  }
}

function nested(choice: Choice): string {
  const depth = choice.pick(DEPTHS);
  return choice.chance(0.5)
    ? `${"[".repeat(depth)}${"]".repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
}

function mutateEntries(choice: Choice, entries: [string, Node][]): Node {
  const at = choice.int(entries.length + 1);
  const value = entries[at]?.[1] ?? { kind: "text", text: choice.pick(RAW) };
  const known = [
    "records",
    "body",
    "headers",
    "timestamp",
    "match_seq_num",
    "fencing_token",
    "config",
    "basin",
  ];
  const key = choice.chance(0.5) ? choice.pick(known) : choice.pick(NASTY_TEXTS);
  const change = choice.int(3);
  if (change === 0) entries.splice(at, 1);
  else entries.splice(at, 0, [change === 1 ? (entries[at]?.[0] ?? key) : key, value]);
  return { kind: "object", entries };
}

function mutateItems(choice: Choice, items: Node[]): Node {
  const at = choice.int(items.length + 1);
  const [item] = items.slice(at);
  if (choice.chance(0.3)) items.splice(at, 1);
  else if (choice.chance(0.1) && item !== undefined) {
    items.splice(at, 1, ...Array.from({ length: choice.pick(LENGTHS) }, () => item));
  } else items.splice(at, 0, item ?? { kind: "text", text: choice.pick(RAW) });
  return { kind: "array", items };
}

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkArchitecture } from "./architecture/check.js";
import { coreFolders, packageRules, unrestricted } from "./architecture/rules.js";
import { readWorkspace, type Workspace } from "./architecture/workspace.js";

const real = readWorkspace(fileURLToPath(new URL("../../", import.meta.url)));

/** The real manifests, and only these files. */
const madeUp = (files: Record<string, string>): Workspace => ({
  manifests: real.manifests,
  files: new Map(Object.entries(files)),
});

describe("the workspace", () => {
  it("has no arrow that is not allowed", () => {
    expect(checkArchitecture(real)).toEqual([]);
  });

  it("is what the rules speak of", () => {
    expect([...real.manifests.keys()].sort()).toEqual([...Object.keys(packageRules), ...unrestricted].sort());
    for (const folder of Object.keys(packageRules))
      expect([...real.files.keys()]).toContain(`${folder}/src/index.ts`);
  });

  it("orders the folders of core without a cycle", () => {
    const order = Object.keys(coreFolders);
    for (const [folder, allowed] of Object.entries(coreFolders)) {
      for (const other of allowed)
        expect(order.indexOf(other), `${folder} -> ${other}`).toBeLessThan(order.indexOf(folder));
    }
  });
});

describe("the check refuses", () => {
  const node = "must run without Node";
  const refused: [what: string, path: string, source: string, why: string][] = [
    [
      "a lower folder importing a higher one",
      "core/src/util/a.ts",
      `import { x } from "../session/b.js";`,
      "no arrow from util to session",
    ],
    [
      "a re-export against the order",
      "core/src/model/a.ts",
      `export * from "../codec/b.js";`,
      "no arrow from model to codec",
    ],
    [
      "a type imported against the order",
      "core/src/error/a.ts",
      `import type { X } from "../model/b.js";`,
      "no arrow from error to model",
    ],
    [
      "an inline import type",
      "core/src/error/a.ts",
      `let x: import("../model/b.js").X;`,
      "no arrow from error to model",
    ],
    [
      "a dynamic import",
      "core/src/error/a.ts",
      `await import("../model/b.js");`,
      "no arrow from error to model",
    ],
    [
      "a session's part importing another",
      "core/src/session/append/a.ts",
      `import "../read/b.js";`,
      "session/append may not import session/read",
    ],
    [
      "shared session code importing a part",
      "core/src/session/a.ts",
      `import "./read/b.js";`,
      "may not import session/read",
    ],
    [
      "schemas importing the codecs",
      "core/src/schemas/a.ts",
      `import "../codec/b.js";`,
      "no arrow from schemas to codec",
    ],
    [
      "anything importing schemas",
      "core/src/session/a.ts",
      `import "../schemas/b.js";`,
      "no arrow from session to schemas",
    ],
    ["an entry importing schemas", "core/src/index.ts", `import "./schemas/b.js";`, "may not import schemas"],
    ["a folder importing an entry", "core/src/util/a.ts", `import "../index.js";`, "may not import an entry"],
    ["a folder that has no rule", "core/src/extra/a.ts", `import "../util/b.js";`, "has no rule"],
    [
      "a test against the order",
      "core/src/util/a.test.ts",
      `import "../model/b.js";`,
      "no arrow from util to model",
    ],
    [
      "zod outside the schemas",
      "core/src/model/a.ts",
      `import { z } from "zod/mini";`,
      "zod belongs to the schemas",
    ],
    [
      "an arrow between packages",
      "local/src/a.ts",
      `import "@s2-dev/streamstore-transport-fetch";`,
      "no arrow from local to transport-fetch",
    ],
    [
      "such an arrow in a test",
      "transport-s2s/src/a.test.ts",
      `import "@s2-dev/streamstore-local";`,
      "no arrow from transport-s2s to local",
    ],
    [
      "a source importing what is for tests",
      "transport-s2s/src/a.ts",
      `import "@s2-dev/transport-testing";`,
      "no arrow from transport-s2s to transport-testing",
    ],
    [
      "a way round by relative path",
      "patterns/src/a.ts",
      `import "../../core/src/util/b.js";`,
      "reaches into another package",
    ],
    [
      "the facade loading schemas",
      "streamstore/src/a.ts",
      `import "@s2-dev/streamstore-core/schemas";`,
      "may not import core/schemas",
    ],
    [
      "a source using test doubles",
      "patterns/src/a.ts",
      `import "@s2-dev/streamstore-core/testing";`,
      "may not import core/testing",
    ],
    [
      "an entry that does not exist",
      "local/src/a.ts",
      `import "@s2-dev/streamstore-core/src/x";`,
      "nothing is found there",
    ],
    ["a package from outside", "transport-s2s/src/a.ts", `import "undici";`, "may not import this package"],
    ["Node in core", "core/src/util/a.ts", `import { readFileSync } from "node:fs";`, node],
    ["Node without its prefix", "patterns/src/a.ts", `import * as http2 from "http2";`, node],
    [
      "a global of Node",
      "core/src/util/a.ts",
      `export const x = Buffer.alloc(1);`,
      `uses Buffer: core ${node}`,
    ],
    [
      "a global of Node through globalThis",
      "core/src/util/a.ts",
      `(globalThis as any).process.env;`,
      "uses process",
    ],
    [
      "a global of Node by index",
      "core/src/util/a.ts",
      `globalThis["setImmediate"](f);`,
      "uses setImmediate",
    ],
    [
      "a global of Node declared for all",
      "core/src/util/a.ts",
      `export {}; declare global { var process: X } process.exit();`,
      "uses process",
    ],
    [
      "a global of Node declared by hand",
      "core/src/util/a.ts",
      `declare const process: X; process.exit();`,
      "uses process",
    ],
    [
      "a pattern importing another",
      "patterns/src/writing/a.ts",
      `import "../lease/b.js";`,
      "no arrow from writing to lease",
    ],
    [
      "a pattern importing the root",
      "patterns/src/tokens/a.ts",
      `import "../index.js";`,
      "may not import the root",
    ],
    ["a pattern that has no rule", "patterns/src/extra/a.ts", `import "../cursor/b.js";`, "has no rule"],
    ["undici at the default entry", "transport-fetch/src/index.ts", `import "undici";`, node],
  ];

  it.each(refused)("%s", (_what, path, source, why) => {
    const targets = [
      "core/src/util/b.ts",
      "core/src/model/b.ts",
      "core/src/codec/b.ts",
      "core/src/schemas/b.ts",
      "core/src/session/b.ts",
      "core/src/session/read/b.ts",
      "core/src/index.ts",
      "patterns/src/cursor/b.ts",
      "patterns/src/lease/b.ts",
      "patterns/src/index.ts",
    ];
    const found = checkArchitecture(
      madeUp({ ...Object.fromEntries(targets.map((t) => [t, ""])), [path]: source }),
    );
    expect(found.join("\n")).toContain(`${path} `);
    expect(found.join("\n")).toContain(why);
  });

  it("Node behind two files and another package", () => {
    const files = {
      "streamstore/src/index.ts": `export * from "./client.js";`,
      "streamstore/src/client.ts": `import "@s2-dev/streamstore-transport-fetch";`,
      "transport-fetch/src/index.ts": `import "./wire.js";`,
      "transport-fetch/src/wire.ts": `import "node:net";`,
    };
    expect(checkArchitecture(madeUp(files))).toEqual([
      expect.stringContaining(`transport-fetch/src/wire.ts imports "node:net"`),
    ]);
  });

  it("a dependency in a manifest that no arrow covers", () => {
    const manifests = new Map(real.manifests);
    manifests.set("local", {
      name: "@s2-dev/streamstore-local",
      devDependencies: { "@s2-dev/streamstore-transport-s2s": "workspace:*" },
    });
    expect(checkArchitecture({ manifests, files: new Map() })).toEqual([
      "local/package.json depends on transport-s2s: this arrow is not allowed",
    ]);
  });

  it("a package without a rule", () => {
    const manifests = new Map(real.manifests).set("extra", { name: "extra" });
    expect(checkArchitecture({ manifests, files: new Map() })).toEqual([
      expect.stringContaining("extra has no rule"),
    ]);
  });
});

describe("the check lets pass", () => {
  const allowed: [what: string, path: string, source: string][] = [
    ["an arrow along the order", "core/src/session/append/a.ts", `import { x } from "../../util/b.js";`],
    [
      "what a comment or a string says",
      "core/src/util/a.ts",
      `// import "node:fs"\nexport const s = 'import "node:fs"';`,
    ],
    [
      "a local name that Node also has",
      "core/src/util/a.ts",
      `export function process(module: string) { return module; }\nprocess("");`,
    ],
    ["a member that Node also has", "core/src/util/a.ts", `export const x = { process: 1 }; x.process;`],
    ["a test using the test doubles", "core/src/session/a.test.ts", `import { x } from "../testing/b.js";`],
    ["a test using Node", "core/src/session/a.test.ts", `import "node:fs"; import { it } from "vitest";`],
    ["Node on Node", "transport-fetch/src/index.node.ts", `import "node:http"; import "node:net";`],
    ["local using schemas", "local/src/a.ts", `import "@s2-dev/streamstore-core/schemas";`],
    ["local using test doubles", "local/src/a.ts", `import "@s2-dev/streamstore-core/testing";`],
  ];

  it.each(allowed)("%s", (_what, path, source) => {
    const targets = {
      "core/src/util/b.ts": "",
      "core/src/testing/b.ts": "",
      "core/src/schemas/index.ts": "",
    };
    expect(checkArchitecture(madeUp({ ...targets, [path]: source }))).toEqual([]);
  });
});

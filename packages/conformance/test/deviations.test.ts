import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { topics } from "../src/behaviours/index.js";
import { deviations } from "../src/deviations/rows.js";
import type { Deviation } from "../src/deviations/types.js";
import { checkProof } from "../src/features/check.js";
import { type KnownDifference, knownDifferences } from "../src/known-differences.js";

const README = fileURLToPath(new URL("../../local/README.md", import.meta.url));
const BEGIN = "<!-- deviations: packages/conformance/src/deviations -->\n";
const END = "<!-- /deviations -->";

function read(path: string): string | undefined {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function table(): string {
  const rows = deviations.map(({ about, specification, lite, takes, why }) => {
    const side = takes === "its own" ? takes : `the ${takes === "s2-lite" ? "server" : takes}'s`;
    return `| ${about} | ${specification} | ${lite} | ${side} | ${why} |`;
  });
  return [
    "| about | the specification | `s2 lite` 0.43.4 | taken here | why |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** The behaviours that a deviation names: `topic > sentence`. */
function behavioursOf({ proofs }: Deviation): readonly string[] {
  return proofs.flatMap((proof) => {
    const [, topic, says] = /\/behaviours\/(.+)\.ts > (.+)$/.exec(proof) ?? [];
    return topic === undefined ? [] : [`${topic} > ${says}`];
  });
}

/** What does not come from the runtime, which may change. */
const lasting = knownDifferences.filter(({ applies }) => applies === undefined);
const nameOf = ({ topic, says }: KnownDifference): string => `${topic} > ${says}`;
const concerns = (name: string): boolean => lasting.some((each) => nameOf(each).startsWith(name));

describe("the deviations of the embedded server", () => {
  it("are the table in its README (S2_UPDATE_DEVIATIONS=1 writes it anew)", () => {
    const text = readFileSync(README, "utf8");
    const [before = "", rest = ""] = text.split(BEGIN);
    const [shown = "", ...after] = rest.split(END);
    expect(after).toHaveLength(1);
    if (process.env.S2_UPDATE_DEVIATIONS === "1")
      writeFileSync(README, `${before}${BEGIN}\n${table()}\n${END}${after[0]}`);
    else expect(shown).toBe(`\n${table()}\n`);
  });

  it("are each shown by tests that exist", () => {
    const faults = deviations.flatMap(({ about, proofs }) =>
      proofs.length === 0
        ? [`${about}: no test shows it`]
        : proofs.flatMap((proof) => checkProof(about, proof, read)),
    );
    expect(faults).toEqual([]);
  });

  it.each(deviations.filter(({ takes }) => takes === "s2-lite"))(
    "show, about $about, the same on both servers",
    (each) => {
      const all = topics.flatMap(({ name, behaviours }) => behaviours.map(({ says }) => `${name} > ${says}`));
      for (const part of behavioursOf(each)) {
        expect(all.some((name) => name.startsWith(part))).toBe(true);
        expect(concerns(part), part).toBe(false);
      }
    },
  );

  it.each(deviations.filter((each) => each.takes === "specification" && behavioursOf(each).length > 0))(
    "show, about $about, that the open-source server does otherwise",
    (each) => expect(behavioursOf(each).some(concerns)).toBe(true),
  );

  it("are all of the differences between the two servers that the suite knows", () => {
    const shown = deviations.flatMap(behavioursOf);
    const missing = lasting
      .filter(({ on }) => on.server === "local")
      .map(nameOf)
      .filter((name) => !shown.some((part) => name.startsWith(part)));
    expect(missing).toEqual([]);
  });
});

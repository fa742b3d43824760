import { parseArgs } from "node:util";
import { PARTIES, type PartyName } from "../job.js";

/** Left out of the quick form, which is for ours beside the published one. */
const NOT_QUICK: ReadonlySet<PartyName> = new Set<PartyName>(["rust", "observed", "bridge"]);

/** The server that clients talk to. */
export type ServerName = "minimal" | "lite" | "local";

export interface Options {
  /** Fewer and shorter cases, three rounds, no Rust. */
  readonly quick: boolean;
  /** Exit with 1 when this SDK costs more CPU than the published one. */
  readonly guard: boolean;
  /** Run only cases whose id contains one of these. */
  readonly cases: readonly string[];
  /** Run only cases that have a target. */
  readonly targets: boolean;
  readonly rounds: number;
  readonly parties: readonly PartyName[];
  readonly server: ServerName;
  /** Where to write the figures as JSON. */
  readonly json: string | undefined;
  /** Replace the table in the README and, with every case that has a target, the one in the guide. */
  readonly readme: boolean;
  /** Where to take the figures from, written by an earlier run, instead of measuring. */
  readonly from: string | undefined;
  /** Leave CPU profiles of the JavaScript clients here. */
  readonly profile: string | undefined;
  /** Only print the ids of the cases. */
  readonly list: boolean;
}

export const USAGE = `node dist/bench.js [options]
  --quick          fewer and shorter cases, three rounds, no Rust (unless asked for by --party)
  --guard          exit with 1 if this SDK costs more CPU than the published one in any of those cases
  --case TEXT      only cases whose id contains TEXT; may be given again
  --targets        only cases that have a target
  --rounds N       fresh processes of each party in each case (5; 3 with --quick)
  --party NAME     ${PARTIES.join(", ")}; may be given again
  --server NAME    minimal (a server that does nothing else), lite (s2-lite), local
  --json FILE      also write every figure as JSON
  --readme         put the tables into README.md and docs/performance.md
  --from FILE      take the figures from an earlier run's JSON instead of measuring
  --profile DIR    leave a CPU profile of each JavaScript client in DIR
  --list           print the cases and do nothing`;

/** Reads the command line; throws what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      guard: { type: "boolean", default: false },
      case: { type: "string", multiple: true, default: [] },
      targets: { type: "boolean", default: false },
      rounds: { type: "string" },
      party: { type: "string", multiple: true },
      server: { type: "string", default: "minimal" },
      json: { type: "string" },
      readme: { type: "boolean", default: false },
      from: { type: "string" },
      profile: { type: "string" },
      list: { type: "boolean", default: false },
    },
  });
  const rounds = values.rounds === undefined ? (values.quick ? 3 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds must be a positive integer`);
  const { server } = values;
  if (server !== "minimal" && server !== "lite" && server !== "local") throw new Error(`no server ${server}`);
  return {
    quick: values.quick,
    guard: values.guard,
    cases: values.case,
    targets: values.targets,
    rounds,
    parties: values.party?.map(partyOf) ?? PARTIES.filter((name) => !values.quick || !NOT_QUICK.has(name)),
    server,
    json: values.json,
    readme: values.readme,
    from: values.from,
    profile: values.profile,
    list: values.list,
  };
}

function partyOf(name: string): PartyName {
  const party = PARTIES.find((known) => known === name);
  if (party === undefined) throw new Error(`no party ${name}`);
  return party;
}

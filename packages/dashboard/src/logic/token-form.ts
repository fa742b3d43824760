import type {
  AccessTokenInfo,
  AccessTokenScope,
  IssueAccessTokenArgs,
  ResourceSet,
} from "@s2-dev/streamstore";

/** Names that a token may use, as a form has them. */
export interface ResourceForm {
  readonly kind: "none" | "prefix" | "exact";
  readonly name: string;
}

const GROUPS = ["account", "basin", "stream"] as const;
/** A group of operations and what is done with it. */
export type GroupRight = `${(typeof GROUPS)[number]}.${"read" | "write"}`;
export const GROUP_RIGHTS: readonly GroupRight[] = GROUPS.flatMap((group): GroupRight[] => [
  `${group}.read`,
  `${group}.write`,
]);

/** An access token to issue, as a form has it. */
export interface TokenForm {
  readonly id: string;
  readonly basins: ResourceForm;
  readonly streams: ResourceForm;
  readonly accessTokens: ResourceForm;
  readonly groups: ReadonlySet<GroupRight>;
  /** Single operations besides, with spaces or commas between them. */
  readonly operations: string;
  readonly autoPrefix: boolean;
  /** As `<input type="datetime-local">` gives it; empty: that of the token that asks. */
  readonly expires: string;
}

const EVERYTHING: ResourceForm = { kind: "prefix", name: "" };

export const NEW_TOKEN: TokenForm = {
  id: "",
  basins: EVERYTHING,
  streams: EVERYTHING,
  accessTokens: { kind: "none", name: "" },
  groups: new Set(["account.read", "basin.read", "stream.read"]),
  operations: "",
  autoPrefix: false,
  expires: "",
};

/** What to ask for. @throws Error that says what is missing. */
export function issueArgsFrom(form: TokenForm): IssueAccessTokenArgs {
  const id = form.id.trim();
  if (id === "") throw new Error("A token needs an id");
  const ops = form.operations.split(/[\s,]+/).filter((name) => name !== "");
  if (ops.length === 0 && form.groups.size === 0) throw new Error("A token needs at least one right");
  const scope: AccessTokenScope = {
    ...resources("basins", form.basins),
    ...resources("streams", form.streams),
    ...resources("access_tokens", form.accessTokens),
    ...(form.groups.size === 0 ? {} : { op_groups: groupsOf(form.groups) }),
    ...(ops.length === 0 ? {} : { ops: ops as NonNullable<AccessTokenScope["ops"]> }),
  };
  const expires = form.expires === "" ? undefined : new Date(form.expires);
  if (expires !== undefined && Number.isNaN(expires.getTime())) {
    throw new Error(`The expiry must be a time; got ${form.expires}`);
  }
  return {
    id,
    scope,
    ...(form.autoPrefix ? { auto_prefix_streams: true } : {}),
    ...(expires === undefined ? {} : { expires_at: expires.toISOString() }),
  };
}

/** What a token may do, in a few words. */
export function describeScope({ scope, auto_prefix_streams }: AccessTokenInfo): string {
  const named = (what: string, set: ResourceSet | null | undefined): string[] => {
    if (set === null || set === undefined) return [];
    if ("exact" in set) return set.exact === "" ? [] : [`${what} ${set.exact}`];
    return [set.prefix === "" ? `all ${what}` : `${what} ${set.prefix}…`];
  };
  const groups = Object.entries(scope.op_groups ?? {}).flatMap(([group, rights]) => {
    const done = [rights?.read ? "read" : "", rights?.write ? "write" : ""].filter((name) => name !== "");
    return done.length === 0 ? [] : [`${group} ${done.join("+")}`];
  });
  return [
    ...named("basins", scope.basins),
    ...named("streams", scope.streams),
    ...named("tokens", scope.access_tokens),
    ...groups,
    ...(scope.ops ?? []),
    ...(auto_prefix_streams ? ["prefixes stream names"] : []),
  ].join(" · ");
}

function resources(
  name: "basins" | "streams" | "access_tokens",
  { kind, name: value }: ResourceForm,
): Partial<AccessTokenScope> {
  if (kind === "none") return {};
  return { [name]: kind === "exact" ? { exact: value } : { prefix: value } };
}

function groupsOf(rights: ReadonlySet<GroupRight>): NonNullable<AccessTokenScope["op_groups"]> {
  const given = GROUPS.map((group) => {
    const [read, write] = [rights.has(`${group}.read`), rights.has(`${group}.write`)];
    return [group, { ...(read ? { read } : {}), ...(write ? { write } : {}) }] as const;
  });
  return Object.fromEntries(given.filter(([, rights]) => Object.keys(rights).length > 0));
}

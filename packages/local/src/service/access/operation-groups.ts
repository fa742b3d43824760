import type { AccessTokenScope, Operation } from "@s2-dev/streamstore-core";

type Group = "account" | "basin" | "stream";
type Kind = "read" | "write";

/** The group that each operation belongs to, and what it takes there. */
const GROUP_OF = {
  "list-basins": ["account", "read"],
  "list-access-tokens": ["account", "read"],
  "account-metrics": ["account", "read"],
  "list-locations": ["account", "read"],
  "get-default-location": ["account", "read"],
  "create-basin": ["account", "write"],
  "delete-basin": ["account", "write"],
  "issue-access-token": ["account", "write"],
  "revoke-access-token": ["account", "write"],
  "set-default-location": ["account", "write"],
  "get-basin-config": ["basin", "read"],
  "list-streams": ["basin", "read"],
  "basin-metrics": ["basin", "read"],
  "reconfigure-basin": ["basin", "write"],
  "create-stream": ["basin", "write"],
  "delete-stream": ["basin", "write"],
  "get-stream-config": ["stream", "read"],
  "check-tail": ["stream", "read"],
  read: ["stream", "read"],
  "stream-metrics": ["stream", "read"],
  "reconfigure-stream": ["stream", "write"],
  append: ["stream", "write"],
  trim: ["stream", "write"],
  fence: ["stream", "write"],
} as const satisfies Record<Operation, readonly [Group, Kind]>;

/** Every operation that a token can be allowed. */
export const ALL_OPERATIONS = Object.keys(GROUP_OF) as readonly Operation[];

/** The operations that a scope allows: those of its groups, and those that it names. */
export function operationsOf(scope: AccessTokenScope): ReadonlySet<Operation> {
  const groups = scope.op_groups;
  const allowed = new Set<Operation>(scope.ops ?? []);
  for (const operation of ALL_OPERATIONS) {
    const [group, kind] = GROUP_OF[operation];
    if (groups?.[group]?.[kind] === true) allowed.add(operation);
  }
  return allowed;
}

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { hashOf, type Place } from "../logic/address.js";
import { pageSize, take } from "../logic/take.js";
import { dateText } from "../logic/times.js";
import { Confirm } from "../parts/dialog.js";
import { Listing, Search } from "../parts/listing.js";
import { goTo } from "../state/location.js";
import { notify } from "../state/notices.js";
import { useDeletion } from "../state/use-deletion.js";
import { useLoaded } from "../state/use-loaded.js";
import type { CreateProps } from "./create-dialog.js";

/** What basins and streams have in common. */
interface Resource {
  readonly name: string;
  readonly created_at: string;
  readonly deleted_at?: string | null | undefined;
}

interface ListingArgs {
  readonly prefix: string;
  readonly limit: number;
  readonly includeDeleted: true;
}

export interface ResourceListProps<T extends Resource> {
  readonly kind: "basin" | "stream";
  /** Shown beside the controls, if these have nothing above them. */
  readonly heading?: string;
  readonly search: string;
  readonly onSearch: (search: string) => void;
  readonly list: (args: ListingArgs, options: { readonly signal: AbortSignal }) => AsyncIterable<T>;
  /** Changes with what `list` depends on. */
  readonly inputs: readonly unknown[];
  readonly placeOf: (name: string) => Place;
  readonly column: readonly [title: string, valueOf: (item: T) => string];
  readonly remove: (name: string) => Promise<void>;
  /** What a deletion takes along. */
  readonly lost: string;
  readonly create: (props: CreateProps) => JSX.Element;
}

const PAGE = 100;

/** Basins or streams: found by the beginning of their names, created and deleted. */
export function ResourceList<T extends Resource>(props: ResourceListProps<T>) {
  const { kind, heading, search, list, inputs, placeOf, column, create } = props;
  const [limit, setLimit] = useState(PAGE);
  const [isCreating, setCreating] = useState(false);
  const loaded = useLoaded(
    (signal) =>
      take(list({ prefix: search, limit: pageSize(limit), includeDeleted: true }, { signal }), limit),
    [...inputs, search, limit],
  );
  const deletion = useDeletion(props.remove, loaded.reload);
  return (
    <>
      <div class={heading === undefined ? "bar" : "title"}>
        {heading === undefined ? null : (
          <>
            <h1>{heading}</h1>
            <span class="spring" />
          </>
        )}
        <Search label="Names that begin with…" value={search} onValue={props.onSearch} />
        {heading === undefined ? <span class="spring" /> : null}
        <button type="button" onClick={loaded.reload}>
          Refresh
        </button>
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          New {kind}
        </button>
      </div>
      <Listing
        loaded={loaded}
        onMore={() => setLimit((was) => was + 10 * PAGE)}
        empty={search === "" ? `There are no ${kind}s yet.` : `No ${kind}'s name begins with ${search}.`}
        columns={["Name", "Created", column[0], ""]}
        row={(item) => (
          <tr key={item.name}>
            <td>
              <a href={hashOf(placeOf(item.name))}>{item.name}</a>
              {item.deleted_at ? <span class="tag warn">being deleted</span> : null}
            </td>
            <td>{dateText(item.created_at)}</td>
            <td>{column[1](item)}</td>
            <td class="end">
              <button type="button" class="quiet danger" onClick={() => deletion.ask(item.name)}>
                Delete
              </button>
            </td>
          </tr>
        )}
      />
      {isCreating
        ? create({
            onClose: () => setCreating(false),
            onDone(name) {
              notify(`${kind === "basin" ? "Basin" : "Stream"} ${name} created`);
              goTo(placeOf(name));
            },
          })
        : null}
      {deletion.asked === undefined ? null : (
        <Confirm
          title={`Delete ${deletion.asked}?`}
          text={props.lost}
          action={`Delete ${kind}`}
          onConfirm={deletion.confirm}
          onClose={deletion.cancel}
        />
      )}
    </>
  );
}

/** Where reading starts: at a sequence number, at a time in milliseconds since the epoch, or at the tail. */
export type Start =
  | { readonly kind: "seq"; readonly seq: number }
  | { readonly kind: "time"; readonly time: number }
  | { readonly kind: "tail" };

/** The forms in which a record's body is shown. */
export const BODY_VIEWS = ["text", "json", "hex"] as const;
export type BodyView = (typeof BODY_VIEWS)[number];

export const BASIN_TABS = ["streams", "config", "metrics"] as const;
export type BasinTab = (typeof BASIN_TABS)[number];
export const STREAM_TABS = ["records", "config", "metrics"] as const;
export type StreamTab = (typeof STREAM_TABS)[number];

/** What the records of a stream are looked at with. */
export interface Reading {
  readonly start: Start;
  readonly filter: string;
  readonly view: BodyView;
  readonly paused: boolean;
  /** The record that is opened, by its sequence number. */
  readonly selected: number | undefined;
}

/** What the page shows, as its address says it. A token is never part of it. */
export type Place =
  | { readonly page: "basins"; readonly search: string }
  | { readonly page: "basin"; readonly basin: string; readonly tab: BasinTab; readonly search: string }
  | {
      readonly page: "stream";
      readonly basin: string;
      readonly stream: string;
      readonly tab: StreamTab;
      readonly reading: Reading;
    }
  | { readonly page: "metrics" }
  | { readonly page: "tokens"; readonly search: string }
  | { readonly page: "faults" };

export const DEFAULT_READING: Reading = {
  start: { kind: "tail" },
  filter: "",
  view: "text",
  paused: false,
  selected: undefined,
};

/** The place that the part of an address behind `#` names; the list of basins for what names none. */
export function placeFromHash(hash: string): Place {
  const text = hash.replace(/^#/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1));
  const search = query.get("q") ?? "";
  const [head, basin, middle, stream] = path.split("/").slice(1).map(decoded);
  if (head === "metrics" || head === "faults") return { page: head };
  if (head === "tokens") return { page: "tokens", search };
  if (head !== "basins" || basin === undefined || basin === "") return { page: "basins", search };
  if (middle === "streams" && stream !== undefined && stream !== "") {
    const tab = oneOf(STREAM_TABS, query.get("tab")) ?? "records";
    return { page: "stream", basin, stream, tab, reading: readingFrom(query) };
  }
  return { page: "basin", basin, tab: oneOf(BASIN_TABS, query.get("tab")) ?? "streams", search };
}

/** The part of the address that names the place, with its `#`. What is as usual is left out. */
export function hashOf(place: Place): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string, usual = ""): void => {
    if (value !== usual) query.set(name, value);
  };
  switch (place.page) {
    case "metrics":
    case "faults":
      return `#/${place.page}`;
    case "basins":
    case "tokens":
      put("q", place.search);
      return withQuery(`#/${place.page}`, query);
    case "basin":
      put("tab", place.tab, "streams");
      put("q", place.search);
      return withQuery(`#/basins/${encodeURIComponent(place.basin)}`, query);
    case "stream": {
      const { start, filter, view, paused, selected } = place.reading;
      put("tab", place.tab, "records");
      if (start.kind === "seq") put("seq", String(start.seq));
      if (start.kind === "time") put("time", String(start.time));
      put("q", filter);
      put("view", view, "text");
      if (paused) put("paused", "1");
      if (selected !== undefined) put("record", String(selected));
      const path = `#/basins/${encodeURIComponent(place.basin)}/streams/${encodeURIComponent(place.stream)}`;
      return withQuery(path, query);
    }
  }
}

/** The place in a few words, the particular first: what a tab of the browser has room for. */
export function titleOf(place: Place): string {
  switch (place.page) {
    case "basin":
      return `${place.basin} · S2`;
    case "stream":
      return `${place.stream} · ${place.basin} · S2`;
    default:
      return `${place.page.charAt(0).toUpperCase()}${place.page.slice(1)} · S2`;
  }
}

/**
 * Where "go to" leads: a sequence number, a time that the runtime understands (`2026-01-31 12:00`, or milliseconds
 * since the epoch behind an `@`), or `tail`; `undefined` for anything else.
 */
export function startFromText(text: string): Start | undefined {
  const given = text.trim().replaceAll(/[,_](?=\d)/g, "");
  if (/^(tail|end|live)$/i.test(given)) return { kind: "tail" };
  if (/^(start|begin|first)$/i.test(given)) return { kind: "seq", seq: 0 };
  if (/^#?\d+$/.test(given)) return numbered("seq", given.replace("#", ""));
  if (/^@\d+$/.test(given)) return numbered("time", given.slice(1));
  // Without a digit some runtimes find a date in almost any text.
  const time = /\d/.test(text) ? Date.parse(text.trim()) : Number.NaN;
  return Number.isNaN(time) || time < 0 ? undefined : { kind: "time", time };
}

function numbered(kind: "seq" | "time", text: string): Start | undefined {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return undefined;
  return kind === "seq" ? { kind, seq: value } : { kind, time: value };
}

function readingFrom(query: URLSearchParams): Reading {
  const [seq, time, selected] = ["seq", "time", "record"].map((name) => integer(query.get(name)));
  return {
    start:
      seq !== undefined
        ? { kind: "seq", seq }
        : time !== undefined
          ? { kind: "time", time }
          : { kind: "tail" },
    filter: query.get("q") ?? "",
    view: oneOf(BODY_VIEWS, query.get("view")) ?? "text",
    paused: query.get("paused") === "1",
    selected,
  };
}

function integer(text: string | null): number | undefined {
  const value = text !== null && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((candidate) => candidate === value);
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

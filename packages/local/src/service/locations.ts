import type { LocationInfo } from "@s2-dev/streamstore-core";
import type { Table } from "../storage/storage.js";
import { invalid } from "./errors.js";

/** What is stored of the account. */
export interface AccountRow {
  /** The location that new basins get when they name none; `null` while nobody has chosen one. */
  readonly defaultLocation: string | null;
}

/** Where basins can be. Here they are all in the same place, whatever it is called. */
export interface Locations {
  list(): readonly LocationInfo[];
  default(): Promise<LocationInfo>;
  setDefault(name: string): Promise<LocationInfo>;
  /** Where a new basin goes: as asked, else where the account has decided; `null` when it has not. */
  place(asked: string | undefined): Promise<string | null>;
}

const KEY = "account";
const STORAGE_CLASSES = ["standard", "express"];

/** The locations that a server offers unless told otherwise. */
export const DEFAULT_LOCATIONS: readonly LocationInfo[] = [
  "aws:us-east-1",
  "aws:us-west-2",
  "aws:eu-north-1",
].map((name) => ({
  name,
  is_private: false,
  storage_classes: [...STORAGE_CLASSES],
  default_storage_class: "express",
}));

/** @throws Error when there are none. */
export function createLocations(table: Table<AccountRow>, locations: readonly LocationInfo[]): Locations {
  const [first] = locations;
  if (first === undefined) throw new Error("locations must not be empty");

  function named(name: string): LocationInfo {
    const found = locations.find((location) => location.name === name);
    if (found === undefined) throw invalid(`location \`${name}\` is not available`);
    return found;
  }

  return {
    list: () => locations,
    async default() {
      const name = (await table.get(KEY))?.defaultLocation;
      return locations.find((location) => location.name === name) ?? first;
    },
    async setDefault(name) {
      const location = named(name);
      await table.put(KEY, { defaultLocation: name });
      return location;
    },
    async place(asked) {
      if (asked !== undefined) return named(asked).name;
      return (await table.get(KEY))?.defaultLocation ?? null;
    },
  };
}

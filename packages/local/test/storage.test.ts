import { describe } from "vitest";
import { createMemoryStorage } from "../src/storage/memory-storage.js";
import { openDurable, useDirectory } from "./durable-directory.js";
import { describeStorage } from "./storage-contract.js";

describe("storage in memory", () => describeStorage(async () => createMemoryStorage()));

describe("storage in a directory", () => {
  const directory = useDirectory();
  describeStorage(() => openDurable(directory()));
});

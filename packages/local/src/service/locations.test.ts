import { describe, expect, test } from "vitest";
import { createHarness, refusal } from "../../test/harness.js";
import { createMemoryTable } from "../storage/memory-table.js";
import { DEFAULT_BASIN } from "./configs.js";
import { createLocations } from "./locations.js";

describe("a basin", () => {
  test("is where it was asked for, or where the account has decided, or nowhere in particular", async () => {
    const { basins, locations } = (await createHarness()).service;
    const placeOf = async (name: string, asked?: string) =>
      (await basins.create(name, DEFAULT_BASIN, undefined, asked))[1].location;
    expect(await placeOf("location-1")).toBeNull();
    expect(await placeOf("location-2", "aws:us-west-2")).toBe("aws:us-west-2");
    await locations.setDefault("aws:eu-north-1");
    expect(await placeOf("location-3")).toBe("aws:eu-north-1");
    expect((await basins.ensure("location-4", DEFAULT_BASIN))[1].location).toBe("aws:eu-north-1");
    const { items } = await basins.list({ prefix: "location-", startAfter: "", limit: 0 });
    expect(items.map(({ location }) => location)).toEqual([
      null,
      "aws:us-west-2",
      "aws:eu-north-1",
      "aws:eu-north-1",
    ]);
  });

  test("cannot be in an unknown place, and does not move", async () => {
    const { basins } = (await createHarness()).service;
    expect(await refusal(basins.create("location-1", DEFAULT_BASIN, undefined, "moon"))).toBe("invalid");
    await basins.create("location-1", DEFAULT_BASIN, undefined, "aws:us-west-2");
    expect(await refusal(basins.ensure("location-1", DEFAULT_BASIN, "aws:us-east-1"))).toBe("invalid");
    const [outcome, info] = await basins.ensure("location-1", DEFAULT_BASIN, "aws:us-west-2");
    expect([outcome, info.location]).toEqual(["noop", "aws:us-west-2"]);
  });

  test("is the same creation only in the same place", async () => {
    const { basins } = (await createHarness()).service;
    await basins.create("location-1", DEFAULT_BASIN, "token", "aws:us-west-2");
    const again = (place: string) => basins.create("location-1", DEFAULT_BASIN, "token", place);
    expect((await again("aws:us-west-2"))[0]).toBe("noop");
    expect(await refusal(again("aws:us-east-1"))).toBe("resource_already_exists");
  });
});

describe("the default location", () => {
  test("is the first one until another is chosen", async () => {
    const { locations } = (await createHarness()).service;
    expect((await locations.default()).name).toBe("aws:us-east-1");
    expect((await locations.setDefault("aws:us-west-2")).name).toBe("aws:us-west-2");
    expect((await locations.default()).name).toBe("aws:us-west-2");
    expect(await refusal(locations.setDefault("moon"))).toBe("invalid");
  });

  test("needs a location to be there", () => {
    expect(() => createLocations(createMemoryTable(), [])).toThrow("locations must not be empty");
  });
});

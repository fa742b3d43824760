import { camelFeatures } from "./camel.js";
import { observingFeatures } from "./observing.js";
import { plainFetchFeatures } from "./plain-fetch.js";
import { publishedFeatures } from "./published.js";
import { rustFeatures } from "./rust.js";
import { typedFeatures } from "./typed.js";
import type { FeatureGroup } from "./types.js";
import { usersFeatures } from "./users.js";

/** Everything that the documentation's table of features lists. */
export const featureGroups: readonly FeatureGroup[] = [
  publishedFeatures,
  rustFeatures,
  plainFetchFeatures,
  camelFeatures,
  observingFeatures,
  typedFeatures,
  usersFeatures,
];

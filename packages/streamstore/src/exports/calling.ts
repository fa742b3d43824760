/** What a client calls the service through, and what calls reject with. */
export { isS2Error, RangeNotSatisfiableError, S2Error } from "@s2-dev/streamstore-core/client";
export { S2AccessTokens } from "../access-tokens.js";
export { S2Basin } from "../basin.js";
export { S2Basins } from "../basins.js";
export { S2Locations } from "../locations.js";
export { S2Metrics } from "../metrics.js";
export { S2Stream } from "../stream.js";
export { S2Streams } from "../streams.js";

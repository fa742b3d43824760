import { featureGroup } from "./types.js";

/** Sessions where there is no HTTP/2 of one's own: Workers, and servers behind a `fetch`. */
export const plainFetchFeatures = featureGroup("Sessions over plain fetch", [
  [
    "Binary reads, without base64",
    "`framedReads()` of `@s2-dev/streamstore-transport-fetch/framed`, given to `createFetchTransport({ reads })`",
    "transport-fetch/src/framed-reads.test.ts > give bytes as they are stored, from frames cut at every byte",
    "transport-fetch/src/framed-reads.test.ts > take from the network no more than is pulled [D2-7, G-6]",
    "conformance/test/readme-programs.test.ts > the README's %s [D2-17]",
  ],
  [
    "Pipelined appends on one streaming request",
    "`pipelinedAppends()` of `@s2-dev/streamstore-transport-fetch/framed`, given to `createFetchTransport({ appends })`",
    "transport-fetch/src/pipelined-appends.test.ts > sends batch after batch on one request, and hands out their acks in order",
    "transport-fetch/src/pipelined-appends.test.ts > sends no more than the head of its first frame before the server has answered",
  ],
  [
    "A probe, and one POST a batch where the runtime has no full duplex",
    "built into `pipelinedAppends({ probeTimeoutMillis })`",
    "transport-fetch/src/pipelined-appends.test.ts > appends by one POST at a time when no answer comes while the request goes on, and later links do at once",
    "transport-fetch/src/pipelined-appends.test.ts > appends by one POST at a time when requests without a length are refused",
  ],
]);

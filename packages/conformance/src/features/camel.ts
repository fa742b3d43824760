import { featureGroup } from "./types.js";

/** The bridge for code of the newer era. */
export const camelFeatures = featureGroup("Code written for 0.21 to 0.27", [
  [
    "Programs written for 0.21 to 0.27",
    "`@s2-dev/streamstore/camel`: change the import",
    "conformance/test/camel.test.ts > run after changing their import, with the same output",
    "conformance/test/package/package.test.ts > runs %s over both transports",
    "streamstore/src/camel/camel.test.ts > makes errors of the engine errors of this entry, for good",
    "streamstore/src/camel/camel.test.ts > converts known fields only, and never what is the user's",
    "streamstore/test/bundle.test.ts > contains nothing of the bridge for newer code",
  ],
  [
    "Every value that 0.27 exports",
    "`S2`, `AppendInput`, `AppendRecord`, `BatchTransform`, `Producer`, `S2Endpoints`, `EncryptionKey`, ... of `camel`",
    "conformance/test/camel.test.ts > finds every value that the package exports",
  ],
]);

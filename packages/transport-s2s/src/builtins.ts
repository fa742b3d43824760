import type * as Http2 from "node:http2";
import type * as Net from "node:net";
import type * as Tls from "node:tls";

// Loaded by the first connection: `node:http2` alone is 11 ms of the CPU that importing this package took, and no link
// can wait for an `import()` without a state more.

export function http2Module(): typeof Http2 {
  return process.getBuiltinModule("node:http2");
}

export function netModule(): typeof Net {
  return process.getBuiltinModule("node:net");
}

export function tlsModule(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}

import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface CommandArguments {
  readonly help: boolean;
  readonly port: number;
  readonly host: string;
  readonly init: string | undefined;
  readonly cors: boolean;
  readonly admin: boolean;
  readonly quiet: boolean;
}

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;

export const USAGE = `Usage: s2-local [options]

An S2 server on this machine, in memory: everything is gone when it ends.
It speaks HTTP/1.1 and HTTP/2 with prior knowledge, and takes any access token.

Options:
  --port <number>   TCP port; 0 takes a free one (default: ${DEFAULT_PORT})
  --host <address>  address to listen on (default: 127.0.0.1)
  --init <file>     JSON file with basins and streams to create at the start
  --no-cors         answer pages of other origins like any client
  --admin           let anybody who reaches the port make it fail on purpose, at /admin/faults
  --quiet           log no requests
  --help            show this
`;

/** Reads a command line. @throws Error that says what is wrong with it. */
export function readCommandLine(argv: readonly string[]): CommandArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h", default: false },
      port: { type: "string", default: String(DEFAULT_PORT) },
      host: { type: "string", default: "127.0.0.1" },
      init: { type: "string" },
      "no-cors": { type: "boolean", default: false },
      admin: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
    },
  });
  const { port, host, init } = values;
  if (!/^\d+$/.test(port) || Number(port) > MAX_PORT) {
    throw new Error(`--port must be a number from 0 to ${MAX_PORT}; got ${JSON.stringify(port)}`);
  }
  if (host === "") throw new Error("--host must not be empty");
  const { help, admin, quiet } = values;
  return { help, port: Number(port), host, init, cors: !values["no-cors"], admin, quiet };
}

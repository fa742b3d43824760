import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface CommandArguments {
  readonly help: boolean;
  readonly port: number;
  readonly host: string;
  /** Where everything is kept; in memory when there is none. */
  readonly dir: string | undefined;
  readonly init: string | undefined;
  readonly cors: boolean;
  readonly admin: boolean;
  readonly dashboard: boolean;
  readonly quiet: boolean;
  /** The root token; without one nobody needs a token. */
  readonly token: string | undefined;
  /** Files in PEM, or a certificate of its own making, or no TLS. */
  readonly tls: "self-signed" | { readonly cert: string; readonly key: string } | undefined;
}

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;

export const USAGE = `Usage: s2-local [options]

An S2 server on this machine, in memory (everything is gone when it ends) or in a directory.
It speaks HTTP/1.1 and HTTP/2. Any access token will do unless --token is given.

Options:
  --port <number>   TCP port; 0 takes a free one (default: ${DEFAULT_PORT})
  --host <address>  address to listen on (default: 127.0.0.1)
  --dir <directory> keep everything there: what is acknowledged is on the disk
                    (needs the package lmdb: npm install lmdb)
  --init <file>     JSON file with basins and streams to create at the start
  --token <token>   demand this access token, or one issued with it
                    (S2_LOCAL_TOKEN does the same, and shows it to no other user of the machine)
  --tls             speak TLS, with a certificate made at the start
  --tls-cert <file> speak TLS with this certificate, in PEM
  --tls-key <file>  key of that certificate, in PEM
  --no-dashboard    leave out the page to look at the server, at /dashboard
  --no-cors         answer pages of other origins like any client
  --admin           let anybody who may do everything make it fail on purpose, at /admin/faults
  --quiet           log no requests
  --help            show this
`;

/**
 * Reads a command line, and what the environment says in its place.
 * @throws Error that says what is wrong with it.
 */
export function readCommandLine(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): CommandArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h", default: false },
      port: { type: "string", default: String(DEFAULT_PORT) },
      host: { type: "string", default: "127.0.0.1" },
      dir: { type: "string" },
      init: { type: "string" },
      "no-cors": { type: "boolean", default: false },
      "no-dashboard": { type: "boolean", default: false },
      admin: { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      token: { type: "string" },
      tls: { type: "boolean", default: false },
      "tls-cert": { type: "string" },
      "tls-key": { type: "string" },
    },
  });
  const { port, host, dir, init } = values;
  if (!/^\d+$/.test(port) || Number(port) > MAX_PORT) {
    throw new Error(`--port must be a number from 0 to ${MAX_PORT}; got ${JSON.stringify(port)}`);
  }
  if (host === "") throw new Error("--host must not be empty");
  if (dir === "") throw new Error("--dir must not be empty");
  const { help, admin, quiet } = values;
  const token = values.token ?? environment.S2_LOCAL_TOKEN;
  if (token === "")
    throw new Error(`${values.token === undefined ? "S2_LOCAL_TOKEN" : "--token"} must not be empty`);
  const tls = tlsOf(values.tls, values["tls-cert"], values["tls-key"]);
  const [cors, dashboard] = [!values["no-cors"], !values["no-dashboard"]];
  return { help, port: Number(port), host, dir, init, cors, dashboard, admin, quiet, token, tls };
}

function tlsOf(own: boolean, cert: string | undefined, key: string | undefined): CommandArguments["tls"] {
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error("--tls-cert and --tls-key must be given together");
  }
  if (cert === undefined || key === undefined) return own ? "self-signed" : undefined;
  if (own) throw new Error("--tls makes its own certificate: leave it out beside --tls-cert");
  return { cert, key };
}

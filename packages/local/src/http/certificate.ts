import { isIP } from "node:net";
import { invalidArgument } from "@s2-dev/streamstore-core";

/** A certificate, with those that it hangs on, and its key; both in PEM. */
export interface Certificate {
  /** The certificate, in PEM. */
  readonly cert: string;
  /** Its private key, in PEM. */
  readonly key: string;
}

/** Days that a certificate made here is valid. */
const VALID_DAYS = 30;
const DAY_MS = 86_400_000;
/** Its beginning lies back, for clocks that differ. */
const LEEWAY_MS = DAY_MS;

/** The certificate to show: the given one, a new one, or none. @throws S2Error for one that is none. */
export async function certificateOf(
  tls: "self-signed" | Certificate | undefined,
  host: string,
): Promise<Certificate | undefined> {
  if (tls === undefined) return undefined;
  if (tls === "self-signed") return selfSigned(host);
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext(tls);
  } catch (error) {
    const reason = (error as Error).message;
    throw invalidArgument(`tls.cert and tls.key must be a certificate and its key, in PEM: ${reason}`);
  }
  return tls;
}

/** Makes a certificate for this machine's own names, and the address that is listened on. */
async function selfSigned(host: string): Promise<Certificate> {
  const { generate } = await loadMaker();
  const names = new Set(["localhost", "127.0.0.1", "::1", host]);
  const made = await generate([{ name: "commonName", value: "s2-local" }], {
    algorithm: "sha256",
    keyType: "ec",
    notBeforeDate: new Date(Date.now() - LEEWAY_MS),
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [...names].map(altName) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Only who asks for a certificate has to have what makes one. @throws Error that says so. */
async function loadMaker(): Promise<typeof import("selfsigned")> {
  try {
    return await import("selfsigned");
  } catch (error) {
    throw new Error('a self-signed certificate needs the package "selfsigned": npm install selfsigned', {
      cause: error,
    });
  }
}

function altName(name: string): { type: 7; ip: string } | { type: 2; value: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

import { S2, type S2Stream } from "@s2-dev/streamstore";

/** The stream, the transport and, if there is one, the proxy that the environment names. */
export function openStream(): S2Stream {
  const { S2_BASIN = "", S2_STREAM = "", S2_TRANSPORT, S2_PROXY } = process.env;
  const forceTransport = S2_TRANSPORT === "fetch" ? "fetch" : "s2s";
  const { S2_CA: ca, S2_CERT: cert, S2_KEY: key } = process.env;
  const connect = S2_PROXY === undefined ? undefined : { proxy: S2_PROXY, ca, cert, key };
  return new S2({ connect }).basin(S2_BASIN).stream(S2_STREAM, { forceTransport });
}

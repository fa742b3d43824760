import { S2, type S2Stream } from "@s2-dev/streamstore";

/** The stream and the transport that the environment names. */
export function openStream(): S2Stream {
  const { S2_BASIN = "", S2_STREAM = "", S2_TRANSPORT } = process.env;
  const forceTransport = S2_TRANSPORT === "fetch" ? "fetch" : "s2s";
  return new S2().basin(S2_BASIN).stream(S2_STREAM, { forceTransport });
}

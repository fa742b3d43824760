import { S2, type S2Stream } from "@s2-dev/streamstore";

/** A client, and the stream and the transport that the environment names. */
export function openClient(): { client: S2; stream: S2Stream } {
  const { S2_BASIN = "", S2_STREAM = "", S2_TRANSPORT } = process.env;
  const client = new S2();
  const forceTransport = S2_TRANSPORT === "fetch" ? "fetch" : "s2s";
  return { client, stream: client.basin(S2_BASIN).stream(S2_STREAM, { forceTransport }) };
}

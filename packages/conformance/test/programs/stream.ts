import { S2, type S2Basin, type S2Stream } from "@s2-dev/streamstore";

/** The basin that the environment names. */
export function openBasin(): S2Basin {
  return new S2({ accessToken: process.env.S2_ACCESS_TOKEN }).basin(process.env.S2_BASIN ?? "");
}

/** A handle of a stream of its own for each program and transport, over the transport that the environment names. */
export function openStream(name: string): S2Stream {
  const transport = process.env.S2_TRANSPORT === "fetch" ? "fetch" : "s2s";
  return openBasin().stream(`${name}/${transport}`, { forceTransport: transport });
}

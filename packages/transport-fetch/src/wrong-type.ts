import { S2Error } from "@s2-dev/streamstore-core/client";

/** The server answered a read with something else. */
export function wrongType(type: string, wanted: string): S2Error {
  return new S2Error({
    message: `A read was answered with ${type === "" ? "no content type" : type} instead of ${wanted}`,
    code: "PROTOCOL_ERROR",
  });
}

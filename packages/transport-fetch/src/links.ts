import { invalidArgument, show } from "@s2-dev/streamstore-core/client";
import { postedAppends } from "./append-link.js";
import type { ReadProtocol } from "./protocols.js";
import { readLinksBy } from "./read-link.js";
import type { FetchTransportOptions } from "./settings.js";
import type { Links } from "./transport.js";

/**
 * How sessions are carried: as the options say, else as this runtime does it.
 * @throws S2Error `INVALID_ARGUMENT` for what is no way to do it, `UNSUPPORTED` for a way that the runtime lacks.
 */
export function linksOf(options: FetchTransportOptions, usualReads: ReadProtocol): Links {
  if (options.reads !== undefined && typeof options.reads.createDecoder !== "function") {
    throw invalidArgument(`reads must be a way to read such as framedReads, not ${show(options.reads)}`);
  }
  if (options.appends !== undefined && typeof options.appends.open !== "function") {
    throw invalidArgument(
      `appends must be a way to append such as pipelinedAppends, not ${show(options.appends)}`,
    );
  }
  const { reads, appends = postedAppends } = options;
  reads?.check();
  appends.check();
  return { openRead: readLinksBy(reads ?? usualReads), openAppend: appends.open };
}

import { postedAppends } from "./append-link.js";
import type { ReadProtocol } from "./protocols.js";
import { readLinksBy } from "./read-link.js";
import type { FetchTransportOptions } from "./settings.js";
import type { Links } from "./transport.js";

/**
 * How sessions are carried: as the options say, else as this runtime does it.
 * @throws S2Error `UNSUPPORTED` for a way that the runtime lacks.
 */
export function linksOf(
  { reads, appends = postedAppends }: FetchTransportOptions,
  usualReads: ReadProtocol,
): Links {
  reads?.check();
  appends.check();
  return { openRead: readLinksBy(reads ?? usualReads), openAppend: appends.open };
}

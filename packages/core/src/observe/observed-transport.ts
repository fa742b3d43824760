import { s2ErrorFromUnknown } from "../error/make.js";
import type { EncodedBatch } from "../model/record.js";
import type { AttemptOptions, Transport, WireRequest, WireResponse } from "../transport/index.js";
import type { ActivityReport } from "./activity-report.js";
import { observeAppend } from "./observed-append-link.js";
import { observeRead } from "./observed-read-link.js";

/** The transport as one call or session sees it, with a report of each attempt. */
export function observeTransport(transport: Transport, report: ActivityReport): Transport {
  /** Batches that were sent and are not acknowledged, on any link. */
  const sent = new WeakSet<EncodedBatch>();
  return {
    name: transport.name,
    exchange: (request, options) => observeExchange(transport, request, options, report),
    openAppend: (request, events, options) =>
      observeAppend(report, sent, events, (observing) => transport.openAppend(request, observing, options)),
    openRead: (request, format, options) =>
      observeRead(report, request, () => transport.openRead(request, format, options)),
    close: () => transport.close(),
  };
}

async function observeExchange(
  transport: Transport,
  request: WireRequest,
  options: AttemptOptions & { readonly signal: AbortSignal },
  report: ActivityReport,
): Promise<WireResponse> {
  const attempt = report.attemptStarted();
  report.requestBytes = request.body?.length ?? 0;
  try {
    const response = await transport.exchange(request, options);
    report.response = response;
    attempt.ended(undefined, response.status);
    return response;
  } catch (thrown) {
    attempt.ended(s2ErrorFromUnknown(thrown));
    throw thrown;
  }
}

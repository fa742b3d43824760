import type { Topic } from "../behaviour.js";
import { account } from "./account.js";
import { agreeing } from "./agreeing.js";
import { answering } from "./answering.js";
import { appendBodies } from "./append-bodies.js";
import { appending } from "./appending.js";
import { autoCreating } from "./auto-creating.js";
import { basins } from "./basins.js";
import { bridging } from "./bridging.js";
import { bulkAppending } from "./bulk-appending.js";
import { catchingUp } from "./catching-up.js";
import { commands } from "./commands.js";
import { compressing } from "./compressing.js";
import { conditions } from "./conditions.js";
import { deleting } from "./deleting.js";
import { encrypting } from "./encrypting.js";
import { endingAppends } from "./ending-appends.js";
import { endingReads } from "./ending-reads.js";
import { eventStreams } from "./event-streams.js";
import { expiring } from "./expiring.js";
import { following } from "./following.js";
import { http } from "./http.js";
import { httpEncodings } from "./http-encodings.js";
import { leasing } from "./leasing.js";
import { leaving } from "./leaving.js";
import { listing } from "./listing.js";
import { messaging } from "./messaging.js";
import { naming } from "./naming.js";
import { negotiating } from "./negotiating.js";
import { observing } from "./observing.js";
import { paging } from "./paging.js";
import { pipelining } from "./pipelining.js";
import { producing } from "./producing.js";
import { reading } from "./reading.js";
import { refusingOptions } from "./refusing-options.js";
import { refusingReads } from "./refusing-reads.js";
import { refusingRecords } from "./refusing-records.js";
import { refusingResources } from "./refusing-resources.js";
import { replaying } from "./replaying.js";
import { resuming } from "./resuming.js";
import { scoping } from "./scoping.js";
import { sessionAppending } from "./session-appending.js";
import { sessionCompressing } from "./session-compressing.js";
import { sessionFraming } from "./session-framing.js";
import { sessionOpening } from "./session-opening.js";
import { sessionReading } from "./session-reading.js";
import { streams } from "./streams.js";
import { timestamps } from "./timestamps.js";
import { waitingReads } from "./waiting-reads.js";

/** All topics. Each has a test file of its name. */
export const topics: readonly Topic[] = [
  account,
  agreeing,
  answering,
  appendBodies,
  appending,
  autoCreating,
  basins,
  bridging,
  bulkAppending,
  catchingUp,
  commands,
  compressing,
  conditions,
  deleting,
  encrypting,
  endingAppends,
  endingReads,
  eventStreams,
  expiring,
  following,
  http,
  httpEncodings,
  leasing,
  leaving,
  listing,
  messaging,
  naming,
  negotiating,
  observing,
  paging,
  pipelining,
  producing,
  reading,
  refusingOptions,
  refusingReads,
  refusingRecords,
  refusingResources,
  replaying,
  resuming,
  scoping,
  sessionAppending,
  sessionCompressing,
  sessionFraming,
  sessionOpening,
  sessionReading,
  streams,
  timestamps,
  waitingReads,
];

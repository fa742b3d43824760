import type { Basins } from "../basins.js";
import { invalid, StreamRefusal } from "../errors.js";
import type { Metrics } from "../metrics/metrics.js";
import { streamNameFault } from "../names.js";
import type { RecordAccess, Records } from "../records.js";
import type { ListRequest, StreamInfo } from "../rows.js";
import type { ServiceView } from "../service.js";
import type { Streams } from "../streams.js";
import type { AccessTokens } from "./access-tokens.js";
import { type Grant, listWithin, requireName } from "./grant.js";
import { holds } from "./resource-set.js";

/**
 * The service as a grant lets it be seen: names that are not in its scope are refused with `permission_denied`,
 * listings hold those that are, and stream names come and go without the grant's prefix. Which operations the grant
 * allows is asked before, by the operations table; here that concerns command records only.
 */
export function scopedService(service: ServiceView, grant: Grant): ServiceView {
  return {
    basins: scopedBasins(service.basins, grant),
    streams: scopedStreams(service.streams, grant),
    records: scopedRecords(service.records, grant),
    accessTokens: scopedTokens(service.accessTokens, grant),
    locations: service.locations,
    metrics: scopedMetrics(service.metrics, grant),
  };
}

function scopedTokens(tokens: AccessTokens, grant: Grant): AccessTokens {
  return {
    list: (request) => listWithin(request, grant.accessTokens, tokens.list, ({ id }) => id),
    issue: (request) => tokens.issue(request, grant),
    async revoke(id) {
      requireName(grant.accessTokens, "access token", id);
      return tokens.revoke(id);
    },
    authenticate: (secret) => tokens.authenticate(secret),
  };
}

function scopedMetrics(metrics: Metrics, grant: Grant): Metrics {
  // Labels are names of basins.
  const isSeen = (basin: string): boolean => holds(grant.basins, basin);
  return {
    account: (query) =>
      metrics
        .account(query)
        .map((metric) =>
          "label" in metric
            ? { label: { ...metric.label, values: metric.label.values.filter(isSeen) } }
            : metric,
        ),
    basin(basin, query) {
      requireName(grant.basins, "basin", basin);
      return metrics.basin(basin, query);
    },
    stream: (basin, stream, query) => metrics.stream(basin, fullName(grant, basin, stream), query),
  };
}

function scopedBasins(basins: Basins, grant: Grant): Basins {
  const checked = (name: string): string => {
    requireName(grant.basins, "basin", name);
    return name;
  };
  return {
    list: (request) => listWithin(request, grant.basins, basins.list, ({ name }) => name),
    create: async (name, ...rest) => basins.create(checked(name), ...rest),
    ensure: async (name, ...rest) => basins.ensure(checked(name), ...rest),
    settings: async (name) => basins.settings(checked(name)),
    patch: async (name, patch) => basins.patch(checked(name), patch),
    delete: async (name) => basins.delete(checked(name)),
  };
}

function scopedStreams(streams: Streams, grant: Grant): Streams {
  const within = <T>(basin: string, name: string, use: (full: string) => Promise<T>): Promise<T> =>
    withFullName(grant, basin, name, use);
  const shown = (info: StreamInfo): StreamInfo => ({
    ...info,
    name: info.name.slice(grant.streamPrefix.length),
  });
  return {
    async list(basin, request) {
      requireName(grant.basins, "basin", basin);
      const page = await listWithin(
        fullRequest(grant, request),
        grant.streams,
        (part) => streams.list(basin, part),
        ({ name }) => name,
      );
      return { items: page.items.map(shown), hasMore: page.hasMore };
    },
    async create(basin, name, config, token) {
      const [outcome, info] = await within(basin, name, (full) => streams.create(basin, full, config, token));
      return [outcome, shown(info)];
    },
    async ensure(basin, name, config) {
      const [outcome, info] = await within(basin, name, (full) => streams.ensure(basin, full, config));
      return [outcome, shown(info)];
    },
    settings: (basin, name) => within(basin, name, (full) => streams.settings(basin, full)),
    patch: (basin, name, patch) => within(basin, name, (full) => streams.patch(basin, full, patch)),
    delete: (basin, name) => within(basin, name, (full) => streams.delete(basin, full)),
  };
}

function scopedRecords(records: Records, grant: Grant): Records {
  const within = <T>(access: RecordAccess, use: (scoped: RecordAccess) => Promise<T>): Promise<T> =>
    withFullName(grant, access.basin, access.stream, (stream) => use({ ...access, stream }));
  const commands = { fence: grant.operations.has("fence"), trim: grant.operations.has("trim") };
  return {
    openAppend: (access) => within(access, (scoped) => records.openAppend({ ...scoped, commands })),
    read: (access, request) => within(access, (scoped) => records.read(scoped, request)),
    checkTail: (access) => within(access, (scoped) => records.checkTail(scoped)),
  };
}

/** Does something by the full name of a stream. What is refused names it as the caller does. */
async function withFullName<T>(
  grant: Grant,
  basin: string,
  stream: string,
  use: (full: string) => Promise<T>,
): Promise<T> {
  try {
    return await use(fullName(grant, basin, stream));
  } catch (error) {
    throw error instanceof StreamRefusal ? error.naming(stream) : error;
  }
}

/** A stream's name in full. @throws ServiceError 403 when it is not in scope, 422 when it is no name any more. */
function fullName({ basins, streams, streamPrefix }: Grant, basin: string, stream: string): string {
  requireName(basins, "basin", basin);
  const full = streamPrefix + stream;
  requireName(streams, "stream", full);
  const fault = streamPrefix === "" ? undefined : streamNameFault(full);
  if (fault !== undefined) throw invalid(fault);
  return full;
}

function fullRequest({ streamPrefix }: Grant, request: ListRequest): ListRequest {
  const { prefix, startAfter } = request;
  return {
    ...request,
    prefix: streamPrefix + prefix,
    startAfter: startAfter === "" ? "" : streamPrefix + startAfter,
  };
}

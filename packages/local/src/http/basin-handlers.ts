import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import { rfc3339 } from "../service/clock.js";
import type { BasinInfo, Provisioned } from "../service/rows.js";
import { answerJson } from "./answer.js";
import type { Call, Handler } from "./call.js";
import { basinFromJson, basinPatchFromJson, basinToJson } from "./config-json.js";
import type { Exchange } from "./exchange.js";
import { optionalJson, requiredJson } from "./json-body.js";
import { requestTokenHeader } from "./request-headers.js";

export const listBasins: Handler<"list_basins"> = async ({ exchange, service, args }) => {
  const page = await service.basins.list(listRequest(args));
  answerJson(exchange, 200, { basins: page.items.map(infoJson), has_more: page.hasMore });
};

export const createBasin: Handler<"create_basin"> = async ({ exchange, service }) => {
  const token = requestTokenHeader(exchange.headers);
  const { basin, config, location } = await requiredJson(exchange, requestSchemas.create_basin);
  const settings = basinFromJson(config);
  const [outcome, info] = await service.basins.create(basin, settings, token, location ?? undefined);
  answerProvisioned(exchange, 201, outcome, infoJson(info));
};

export const ensureBasin: Handler<"ensure_basin"> = async ({ exchange, service, args }) => {
  const body = await optionalJson(exchange, requestSchemas.ensure_basin);
  const settings = basinFromJson(body?.config);
  const [outcome, info] = await service.basins.ensure(args.basin, settings, body?.location ?? undefined);
  answerProvisioned(exchange, outcome === "created" ? 201 : 200, outcome, infoJson(info));
};

export const getBasinConfig: Handler<"get_basin_config"> = async ({ exchange, service, args }) => {
  answerJson(exchange, 200, basinToJson(await service.basins.settings(args.basin)));
};

export const reconfigureBasin: Handler<"reconfigure_basin"> = async ({ exchange, service, args }) => {
  const patch = basinPatchFromJson(await requiredJson(exchange, requestSchemas.reconfigure_basin));
  answerJson(exchange, 200, basinToJson(await service.basins.patch(args.basin, patch)));
};

export const deleteBasin: Handler<"delete_basin"> = async ({ exchange, service, args }) => {
  await service.basins.delete(args.basin);
  exchange.send(202, {});
};

/** The part of a listing that was asked for. */
export function listRequest(args: Call<"list_basins">["args"]): {
  prefix: string;
  startAfter: string;
  limit: number;
} {
  return { prefix: args.prefix ?? "", startAfter: args.start_after ?? "", limit: Number(args.limit ?? 0) };
}

/** Answers a creation; what was done stands in a header. */
export function answerProvisioned(
  exchange: Exchange,
  status: number,
  outcome: Provisioned,
  info: object,
): void {
  answerJson(exchange, status, info, { "s2-provision-result": outcome });
}

/** RFC 3339, or `null`. */
export function timeJson(epochMillis: number | null): string | null {
  return epochMillis === null ? null : rfc3339(epochMillis);
}

function infoJson(info: BasinInfo): object {
  return {
    name: info.name,
    location: info.location,
    created_at: timeJson(info.createdAt),
    deleted_at: timeJson(info.deletedAt),
    state: info.deletedAt === null ? "active" : "deleting",
  };
}

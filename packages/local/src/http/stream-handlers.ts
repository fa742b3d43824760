import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import type { StreamInfo } from "../service/rows.js";
import { answerJson } from "./answer.js";
import { answerProvisioned, listRequest, timeJson } from "./basin-handlers.js";
import type { Handler } from "./call.js";
import { layerFromJson, settingsToJson, streamPatchFromJson } from "./config-json.js";
import { optionalJson, requiredJson } from "./json-body.js";
import { requestTokenHeader } from "./request-headers.js";

export const listStreams: Handler<"list_streams"> = async ({ exchange, service, basin, args }) => {
  const page = await service.streams.list(basin, listRequest(args));
  answerJson(exchange, 200, { streams: page.items.map(infoJson), has_more: page.hasMore });
};

export const createStream: Handler<"create_stream"> = async ({ exchange, service, basin }) => {
  const token = requestTokenHeader(exchange.headers);
  const { stream, config } = await requiredJson(exchange, requestSchemas.create_stream);
  const [outcome, info] = await service.streams.create(basin, stream, layerFromJson(config), token);
  answerProvisioned(exchange, 201, outcome, infoJson(info));
};

export const ensureStream: Handler<"ensure_stream"> = async ({ exchange, service, basin, args }) => {
  const config = await optionalJson(exchange, requestSchemas.ensure_stream);
  const [outcome, info] = await service.streams.ensure(basin, args.stream, layerFromJson(config));
  answerProvisioned(exchange, outcome === "created" ? 201 : 200, outcome, infoJson(info));
};

export const getStreamConfig: Handler<"get_stream_config"> = async ({ exchange, service, basin, args }) => {
  answerJson(exchange, 200, settingsToJson(await service.streams.settings(basin, args.stream)));
};

export const reconfigureStream: Handler<"reconfigure_stream"> = async ({
  exchange,
  service,
  basin,
  args,
}) => {
  const patch = streamPatchFromJson(await requiredJson(exchange, requestSchemas.reconfigure_stream));
  answerJson(exchange, 200, settingsToJson(await service.streams.patch(basin, args.stream, patch)));
};

export const deleteStream: Handler<"delete_stream"> = async ({ exchange, service, basin, args }) => {
  await service.streams.delete(basin, args.stream);
  exchange.send(202, {});
};

function infoJson(info: StreamInfo): object {
  return {
    name: info.name,
    created_at: timeJson(info.createdAt),
    deleted_at: timeJson(info.deletedAt),
    cipher: info.cipher,
  };
}

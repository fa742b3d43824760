import type { AccessTokenScope } from "@s2-dev/streamstore-core";
import { requestSchemas } from "@s2-dev/streamstore-core/schemas";
import type { TokenInfo } from "../service/access/access-tokens.js";
import { rfc3339 } from "../service/clock.js";
import { refuse } from "../service/errors.js";
import { answerJson } from "./answer.js";
import { listRequest } from "./basin-handlers.js";
import type { Handler } from "./call.js";
import { requiredJson } from "./json-body.js";

export const listAccessTokens: Handler<"list_access_tokens"> = async ({ exchange, service, args }) => {
  const page = await service.accessTokens.list(listRequest(args));
  answerJson(exchange, 200, { access_tokens: page.items.map(tokenJson), has_more: page.hasMore });
};

export const issueAccessToken: Handler<"issue_access_token"> = async ({ exchange, service }) => {
  const body = await requiredJson(exchange, requestSchemas.issue_access_token);
  const secret = await service.accessTokens.issue({
    id: body.id,
    scope: body.scope,
    autoPrefixStreams: body.auto_prefix_streams ?? false,
    expiresAt: body.expires_at == null ? undefined : epochOf(body.expires_at),
  });
  answerJson(exchange, 201, { access_token: secret });
};

export const revokeAccessToken: Handler<"revoke_access_token"> = async ({ exchange, service, args }) => {
  await service.accessTokens.revoke(args.id);
  exchange.send(204, {});
};

export const listLocations: Handler<"list_locations"> = async ({ exchange, service }) => {
  answerJson(exchange, 200, service.locations.list());
};

export const getDefaultLocation: Handler<"get_default_location"> = async ({ exchange, service }) => {
  answerJson(exchange, 200, await service.locations.default());
};

export const setDefaultLocation: Handler<"set_default_location"> = async ({ exchange, service }) => {
  const name = await requiredJson(exchange, requestSchemas.set_default_location);
  answerJson(exchange, 200, await service.locations.setDefault(name));
};

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch. @throws ServiceError `bad_json` for what is no RFC 3339 time. */
function epochOf(text: string): number {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  const isTime = isDay(Number(year), Number(month), Number(day));
  const millis = isTime ? Date.parse(text.toUpperCase().replace(" ", "T")) : Number.NaN;
  if (Number.isNaN(millis))
    throw refuse("bad_json", `expires_at: ${JSON.stringify(text)} is no RFC 3339 time`);
  return millis;
}

/** Whether the month has such a day: `Date` goes on counting into the next. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function tokenJson({ id, scope, autoPrefixStreams, expiresAt }: TokenInfo): object {
  return {
    id,
    expires_at: expiresAt === null ? null : rfc3339(expiresAt),
    auto_prefix_streams: autoPrefixStreams,
    scope: scopeJson(scope),
  };
}

function scopeJson(scope: AccessTokenScope): object {
  const { basins = null, streams = null, access_tokens = null, op_groups = null, ops } = scope;
  return { basins, streams, access_tokens, op_groups, ops: ops ?? [] };
}

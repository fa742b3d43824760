import type * as main from "@s2-dev/streamstore";
import { type BasinConfig, basinConfigFromWire, type StreamConfig, streamConfigFromWire } from "./configs.js";
import { rethrow } from "./errors.js";
import type { S2RequestOptions } from "./options.js";
import { type Fields, fromWire, toWire } from "./renaming.js";
import * as shapes from "./resources.js";

/** Basins of the account. */
export class S2Basins {
  readonly #basins: main.S2Basins;

  /** @internal Made by `S2`. */
  constructor(basins: main.S2Basins) {
    this.#basins = basins;
  }

  /** One page of basins by name, at most 1000. */
  async list(args?: shapes.ListBasinsInput, options?: S2RequestOptions): Promise<shapes.ListBasinsResponse> {
    return this.#basins
      .list(listing(args, shapes.PAGE), options)
      .then((page) => ({ basins: page.basins.map(basinInfo), hasMore: page.has_more }), rethrow);
  }

  /** Every basin by name, without those being deleted; pages are fetched as they are asked for. */
  listAll(args?: shapes.ListAllBasinsInput, options?: S2RequestOptions): AsyncIterable<shapes.BasinInfo> {
    return everything(() => this.#basins.listAll(listing(args), options), basinInfo);
  }

  /** Creates a basin. */
  async create(
    args: shapes.CreateBasinInput,
    options?: S2RequestOptions,
  ): Promise<shapes.CreateBasinResponse> {
    return this.#basins.create(toWire(shapes.BASIN_INPUT, args), options).then(basinInfo, rethrow);
  }

  /** The configuration of a basin. */
  async getConfig(args: shapes.GetBasinConfigInput, options?: S2RequestOptions): Promise<BasinConfig> {
    return this.#basins.getConfig(args, options).then(basinConfigFromWire, rethrow);
  }

  /** Deletes a basin with all its streams. */
  async delete(args: shapes.DeleteBasinInput, options?: S2RequestOptions): Promise<void> {
    return this.#basins.delete(args, options).catch(rethrow);
  }

  /** Creates a basin, or replaces its whole configuration. */
  async ensure(
    args: shapes.EnsureBasinInput,
    options?: S2RequestOptions,
  ): Promise<shapes.EnsureBasinResponse> {
    return this.#basins
      .ensure(toWire(shapes.BASIN_INPUT, args), options)
      .then(({ result, basin }) => ({ result, basin: basinInfo(basin) }), rethrow);
  }

  /** Changes what is given; `null` resets, what is left out stays. */
  async reconfigure(
    args: shapes.ReconfigureBasinInput,
    options?: S2RequestOptions,
  ): Promise<shapes.ReconfigureBasinResponse> {
    return this.#basins
      .reconfigure(toWire(shapes.BASIN_CHANGE, args), options)
      .then(basinConfigFromWire, rethrow);
  }
}

/** Streams of one basin. */
export class S2Streams {
  readonly #streams: main.S2Streams;

  /** @internal Made by `S2Basin`. */
  constructor(streams: main.S2Streams) {
    this.#streams = streams;
  }

  /** One page of streams by name, at most 1000. */
  async list(
    args?: shapes.ListStreamsInput,
    options?: S2RequestOptions,
  ): Promise<shapes.ListStreamsResponse> {
    return this.#streams
      .list(listing(args, shapes.PAGE), options)
      .then((page) => ({ streams: page.streams.map(streamInfo), hasMore: page.has_more }), rethrow);
  }

  /** Every stream by name, without those being deleted; pages are fetched as they are asked for. */
  listAll(args?: shapes.ListAllStreamsInput, options?: S2RequestOptions): AsyncIterable<shapes.StreamInfo> {
    return everything(() => this.#streams.listAll(listing(args), options), streamInfo);
  }

  /** Creates a stream. */
  async create(
    args: shapes.CreateStreamInput,
    options?: S2RequestOptions,
  ): Promise<shapes.CreateStreamResponse> {
    return this.#streams.create(toWire(shapes.STREAM_INPUT, args), options).then(streamInfo, rethrow);
  }

  /** The configuration of a stream. */
  async getConfig(args: shapes.GetStreamConfigInput, options?: S2RequestOptions): Promise<StreamConfig> {
    return this.#streams.getConfig(args, options).then(streamConfigFromWire, rethrow);
  }

  /** Deletes a stream with all its records. */
  async delete(args: shapes.DeleteStreamInput, options?: S2RequestOptions): Promise<void> {
    return this.#streams.delete(args, options).catch(rethrow);
  }

  /** Creates a stream, or replaces its whole configuration. */
  async ensure(
    args: shapes.EnsureStreamInput,
    options?: S2RequestOptions,
  ): Promise<shapes.EnsureStreamResponse> {
    return this.#streams
      .ensure(toWire(shapes.STREAM_INPUT, args), options)
      .then(({ result, stream }) => ({ result, stream: streamInfo(stream) }), rethrow);
  }

  /** Changes what is given; `null` resets, what is left out stays. */
  async reconfigure(
    args: shapes.ReconfigureStreamInput,
    options?: S2RequestOptions,
  ): Promise<shapes.ReconfigureStreamResponse> {
    return this.#streams
      .reconfigure(toWire(shapes.STREAM_CHANGE, args), options)
      .then(streamConfigFromWire, rethrow);
  }
}

/** Access tokens of the account. */
export class S2AccessTokens {
  readonly #tokens: main.S2AccessTokens;

  /** @internal Made by `S2`. */
  constructor(tokens: main.S2AccessTokens) {
    this.#tokens = tokens;
  }

  /** One page of access tokens by id, at most 1000; never the secrets. */
  async list(
    args?: shapes.ListAccessTokensInput,
    options?: S2RequestOptions,
  ): Promise<shapes.ListAccessTokensResponse> {
    return this.#tokens
      .list(listing(args, shapes.PAGE), options)
      .then((page) => ({ accessTokens: page.access_tokens.map(tokenInfo), hasMore: page.has_more }), rethrow);
  }

  /** Every access token by id, never the secrets; pages are fetched as they are asked for. */
  listAll(
    args?: shapes.ListAllAccessTokensInput,
    options?: S2RequestOptions,
  ): AsyncIterable<shapes.AccessTokenInfo> {
    return everything(() => this.#tokens.listAll(listing(args), options), tokenInfo);
  }

  /** Issues a token. The answer is the only place where the secret is ever shown. */
  async issue(
    args: shapes.IssueAccessTokenInput,
    options?: S2RequestOptions,
  ): Promise<shapes.IssueAccessTokenResponse> {
    return this.#tokens
      .issue(toWire(shapes.ACCESS_TOKEN, args), options)
      .then(({ access_token }) => ({ accessToken: access_token }), rethrow);
  }

  /** Makes a token worthless, by its id. */
  async revoke(args: shapes.RevokeAccessTokenInput, options?: S2RequestOptions): Promise<void> {
    return this.#tokens.revoke(args, options).catch(rethrow);
  }
}

/** Where basins can be placed. */
export class S2Locations {
  readonly #locations: main.S2Locations;

  /** @internal Made by `S2`. */
  constructor(locations: main.S2Locations) {
    this.#locations = locations;
  }

  /** Where basins can be. */
  async list(options?: S2RequestOptions): Promise<shapes.ListLocationsResponse> {
    return this.#locations.list(options).then((locations) => locations.map(locationInfo), rethrow);
  }

  /** The location of basins that name none. */
  async getDefault(options?: S2RequestOptions): Promise<shapes.GetDefaultLocationResponse> {
    return this.#locations.getDefault(options).then(locationInfo, rethrow);
  }

  /** Says which location basins get that name none. */
  async setDefault(
    args: shapes.SetDefaultLocationInput,
    options?: S2RequestOptions,
  ): Promise<shapes.SetDefaultLocationResponse> {
    return this.#locations.setDefault(args, options).then(locationInfo, rethrow);
  }
}

const info =
  <T>(fields: Fields) =>
  (value: object): T =>
    fromWire<T>(fields, value);
const basinInfo = info<shapes.BasinInfo>(shapes.BASIN_INFO);
const streamInfo = info<shapes.StreamInfo>(shapes.STREAM_INFO);
const tokenInfo = info<shapes.AccessTokenInfo>(shapes.ACCESS_TOKEN);
const locationInfo = info<shapes.LocationInfo>(shapes.LOCATION);

function listing(args: object | undefined, fields = shapes.LISTING): main.ListAllArgs {
  return args === undefined ? {} : toWire(fields, args);
}

async function* everything<Item, T>(
  list: () => AsyncIterable<Item>,
  convert: (item: Item) => T,
): AsyncGenerator<T, void, undefined> {
  try {
    for await (const item of list()) yield convert(item);
  } catch (thrown) {
    rethrow(thrown);
  }
}

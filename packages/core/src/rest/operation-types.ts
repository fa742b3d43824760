import type { BasinConfig, StreamConfig } from "../model/configs.js";
import type {
  GetDefaultLocationArgs,
  ListLocationsArgs,
  LocationInfo,
  SetDefaultLocationArgs,
} from "../model/locations.js";
import type {
  AccountMetricsArgs,
  BasinMetricsArgs,
  MetricSetResponse,
  StreamMetricsArgs,
} from "../model/metrics.js";
import type { AppendAck } from "../model/position.js";
import type { CheckTailArgs, GeneratedReadBatch, ReadQuery, TailResponse } from "../model/records-on-wire.js";
import type {
  BasinInfo,
  BasinInfoOnWire,
  CreateBasinArgs,
  CreateStreamArgs,
  DeleteBasinArgs,
  DeleteStreamArgs,
  EnsureBasinArgs,
  EnsureBasinResult,
  EnsureStreamArgs,
  EnsureStreamResult,
  GetBasinConfigArgs,
  GetStreamConfigArgs,
  ListBasinsArgs,
  ListBasinsResponse,
  ListBasinsResponseOnWire,
  ListStreamsArgs,
  ListStreamsResponse,
  ReconfigureBasinArgs,
  ReconfigureStreamArgs,
  StreamInfo,
} from "../model/resources.js";
import type {
  IssueAccessTokenArgs,
  IssueAccessTokenResponse,
  ListAccessTokensArgs,
  ListAccessTokensResponse,
  ListAccessTokensResponseOnWire,
  RevokeAccessTokenArgs,
} from "../model/tokens.js";

/** What an operation takes, what the service answers, and what the caller gets for it. */
interface Types<Args, Wire, Result = Wire> {
  args: Args;
  wire: Wire;
  result: Result;
}

/** The types of every REST operation, by its name. */
export interface OperationTypes {
  list_basins: Types<ListBasinsArgs, ListBasinsResponseOnWire, ListBasinsResponse>;
  create_basin: Types<CreateBasinArgs, BasinInfoOnWire, BasinInfo>;
  get_basin_config: Types<GetBasinConfigArgs, BasinConfig>;
  ensure_basin: Types<EnsureBasinArgs, BasinInfoOnWire, EnsureBasinResult>;
  reconfigure_basin: Types<ReconfigureBasinArgs, BasinConfig>;
  delete_basin: Types<DeleteBasinArgs, undefined>;

  list_streams: Types<ListStreamsArgs, ListStreamsResponse>;
  create_stream: Types<CreateStreamArgs, StreamInfo>;
  get_stream_config: Types<GetStreamConfigArgs, StreamConfig>;
  ensure_stream: Types<EnsureStreamArgs, StreamInfo, EnsureStreamResult>;
  reconfigure_stream: Types<ReconfigureStreamArgs, StreamConfig>;
  delete_stream: Types<DeleteStreamArgs, undefined>;

  check_tail: Types<CheckTailArgs, TailResponse>;
  read: Types<{ stream: string } & ReadQuery, GeneratedReadBatch>;
  append: Types<{ stream: string }, AppendAck>;

  list_access_tokens: Types<ListAccessTokensArgs, ListAccessTokensResponseOnWire, ListAccessTokensResponse>;
  issue_access_token: Types<IssueAccessTokenArgs, IssueAccessTokenResponse>;
  revoke_access_token: Types<RevokeAccessTokenArgs, undefined>;

  list_locations: Types<ListLocationsArgs, LocationInfo[]>;
  get_default_location: Types<GetDefaultLocationArgs, LocationInfo>;
  set_default_location: Types<SetDefaultLocationArgs, LocationInfo>;

  account_metrics: Types<AccountMetricsArgs, MetricSetResponse>;
  basin_metrics: Types<BasinMetricsArgs, MetricSetResponse>;
  stream_metrics: Types<StreamMetricsArgs, MetricSetResponse>;
}

/** Name of a REST operation, as the service's description spells it. */
export type OperationName = keyof OperationTypes;
/** The flat bag of arguments of an operation. */
export type ArgsOf<N extends OperationName> = OperationTypes[N]["args"];
/** The body of a successful answer, as JSON has it. */
export type WireOf<N extends OperationName> = OperationTypes[N]["wire"];
/** What the caller gets for a successful answer. */
export type ResultOf<N extends OperationName> = OperationTypes[N]["result"];

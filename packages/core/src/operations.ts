/**
 * The service as a table: its operations with their fields, the checks of what goes into a request, and the decoding of
 * what comes back. For servers, tests and tools; a client loads `./control`.
 * @packageDocumentation
 */
export { checkBasinConfig, checkStreamConfig, checkStreamReconfiguration } from "./model/config-checks.js";
export { FIELD_KINDS, type Field, type FieldKind, type WireForm } from "./rest/fields.js";
export { type OperationDocs, operationDocs } from "./rest/operation-docs.js";
export type {
  BodyRule,
  Effects,
  OperationRow,
  ResponseRule,
} from "./rest/operation-row.js";
export type { ArgsOf, OperationName, OperationTypes, ResultOf, WireOf } from "./rest/operation-types.js";
export { OPERATION_NAMES, operationRow, operations } from "./rest/operations.js";
export { buildRequest, type TargetOf } from "./rest/request.js";
export { createRequestToken, type RandomBytes } from "./rest/request-token.js";
export { decodeResponse, provisionResult } from "./rest/response.js";

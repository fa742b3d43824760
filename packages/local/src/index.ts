export { FaultRuleError } from "./faults/check-rule.js";
export type { FaultHandle, Faults } from "./faults/faults.js";
export type { FaultAction, FaultCut, FaultMatch, FaultMoment, FaultRule } from "./faults/rule.js";
export type { Certificate } from "./http/certificate.js";
export type { AnsweredRequest } from "./http/observed.js";
export type { Timeouts } from "./http/timeouts.js";
export type { InitBasinConfig, InitFile, InitStreamConfig } from "./init/init-file.js";
export type { LocalOptions } from "./local-options.js";
export type { LocalClientOptions, LocalEndpoints, LocalServer } from "./local-server.js";
export type { ServiceClock } from "./service/clock.js";
export type { BasinRow, StreamRow } from "./service/rows.js";
export { startLocal } from "./start-local.js";
export type { LocalState } from "./state.js";
export { createMemoryStorage } from "./storage/memory-storage.js";
export type {
  LogEntry,
  LogPresence,
  LogRange,
  LogState,
  LogSummary,
  Position,
  RowPage,
  RowRange,
  Storage,
  StoredBatch,
  StreamLog,
  Table,
} from "./storage/storage.js";
export { StorageFullError } from "./storage/storage.js";

import type { BasinSettings, Cipher, StreamSettings } from "./configs.js";

/** What is stored of a basin. */
export interface BasinRow {
  /** Its configuration, complete. */
  readonly settings: BasinSettings;
  /** `null` when nobody has chosen one. */
  readonly location: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Set while the basin is being deleted. */
  readonly deletedAt: number | null;
  /** Request token and configuration of its creation. */
  readonly creationKey: string | null;
}

/** What is stored of a stream. */
export interface StreamRow {
  /** Its configuration, complete. */
  readonly settings: StreamSettings;
  /** How it is encrypted, if it is. */
  readonly cipher: Cipher | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** When its deletion was asked for, in milliseconds since the epoch. */
  readonly deletedAt: number | null;
  /** Request token and arguments of its creation, by which a repeated call is known. */
  readonly creationKey: string | null;
  /** Which log has its records: a stream of the same name has another. */
  readonly logId: string;
}

/** What listings and creations answer about a resource. */
interface ResourceInfo {
  readonly name: string;
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

/** What listings and creations answer about a basin. */
export interface BasinInfo extends ResourceInfo {
  readonly location: string | null;
}

/** What listings and creations answer about a stream. */
export interface StreamInfo extends ResourceInfo {
  readonly cipher: Cipher | null;
}

/** How a creation went. */
export type Provisioned = "created" | "updated" | "noop";

/** A request to list; `limit` 0 or above 1000 means 1000. */
export interface ListRequest {
  readonly prefix: string;
  readonly startAfter: string;
  readonly limit: number;
}

export interface ListPage<I> {
  readonly items: readonly I[];
  readonly hasMore: boolean;
}

const MAX_PAGE = 1000;

export function pageLimit(limit: number): number {
  return limit === 0 || limit > MAX_PAGE ? MAX_PAGE : limit;
}

/** Identifies a creation: the same token and the same configuration as submitted. */
export function creationKey(token: string | undefined, config: string): string | null {
  return token === undefined ? null : `${token.length}:${token}${config}`;
}

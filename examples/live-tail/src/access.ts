/** What the server tells the page: which stream to follow, and by what right. */
export interface Access {
  readonly basin: string;
  readonly stream: string;
  /** `undefined`: that of the service. */
  readonly endpoint?: string | undefined;
  /** May read this one stream, for a while. */
  readonly token: string;
  /** Milliseconds for which the page may take the token to be good. */
  readonly goodForMillis: number;
}

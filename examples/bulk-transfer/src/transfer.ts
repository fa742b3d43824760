/** The header that says where in the file a line ends. */
export const END = "end";

/** How far a transfer is. */
export interface Progress {
  /** Bytes of the file that are safe, those of earlier runs included. */
  readonly bytes: number;
  readonly total: number;
}

export interface TransferOptions {
  /** Stops it; begun again, it goes on where it was. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What one run has done. */
export interface Transfer {
  /** Where in the file it began. */
  readonly from: number;
  readonly bytes: number;
  readonly records: number;
}

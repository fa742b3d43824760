export interface ShownBlock {
  /** A path from the root of the repository, or `path#part`. */
  readonly source: string;
  readonly code: string;
}

export function pagesWithCode(): string[];
export function blocksOf(page: string): ShownBlock[];
export function filled(page: string): string;
export function codeOf(source: string): string;

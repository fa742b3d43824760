/** Where a list of rows of one height is scrolled to, in pixels. */
export interface Viewport {
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows that are rendered above and below what can be seen, so that scrolling shows no gap. */
const OVERSCAN = 8;

/** Which rows to render: from the first up to, but not including, the last. */
export function renderedRows(
  { top, height, rowHeight }: Viewport,
  count: number,
): { from: number; to: number } {
  const first = Math.floor(top / rowHeight) - OVERSCAN;
  const last = Math.ceil((top + height) / rowHeight) + OVERSCAN;
  const to = Math.max(0, Math.min(count, last));
  return { from: Math.max(0, Math.min(first, to)), to };
}

/** Whether the last row is in view. */
export function isAtEnd({ top, height, rowHeight }: Viewport, count: number): boolean {
  return top + height >= count * rowHeight - rowHeight / 2;
}

/** Where to scroll so that this row is in view: not at all if it is. */
export function scrollFor({ top, height, rowHeight }: Viewport, row: number): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}

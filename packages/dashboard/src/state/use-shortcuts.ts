import { useEffect, useRef } from "preact/hooks";

/** Keys that do something wherever the focus is, but for fields that take text and what the key works on itself. */
export function useShortcuts(isActive: boolean, keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!isActive) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const action = latest.current[event.key];
      if (action === undefined || isTaken(event)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [isActive]);
}

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog") !== null) return true;
  if (target instanceof HTMLInputElement && (target.type === "radio" || target.type === "checkbox"))
    return key === " ";
  if (target.matches("input, textarea, select")) {
    if (key === "Escape") target.blur();
    return true;
  }
  return key === " " && target.matches("button, summary, a");
}

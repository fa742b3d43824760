import { useLayoutEffect, useRef } from "preact/hooks";

/** Keys that do something wherever the focus is, but for fields that take text and what the key works on itself. */
export function useShortcuts(isActive: boolean, keys: Readonly<Record<string, () => void>>): void {
  // Listening from the first to the last, so that no key is lost between a dialog's end and the next frame.
  const latest = useRef({ isActive, keys });
  latest.current = { isActive, keys };
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || !latest.current.isActive) return;
      const action = latest.current.keys[event.key];
      if (action === undefined || isTaken(event)) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
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

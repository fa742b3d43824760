import { Dialog } from "../parts/dialog.js";

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["Space", "pause, and go on"],
  ["l", "to the tail"],
  ["g", "go to a sequence number or a time"],
  ["/", "filter"],
  ["a", "append"],
  ["r", "rates"],
  ["↑ ↓ or k j", "open the record before or after, in the list"],
  ["Page Up, Page Down", "a page further"],
  ["Home, End", "the first record that is held, the tail"],
  ["Escape", "close the record"],
  ["?", "this list"],
];

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

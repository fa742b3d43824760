import { hashOf, type Place } from "../logic/address.js";

export interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly name: string; readonly place: Place; readonly isCurrent: boolean }[];
}

/** Places beside each other. They are links: each has an address of its own. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, place, isCurrent }) => (
        <a key={name} href={hashOf(place)} aria-current={isCurrent ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

import { hashOf, type Place } from "../logic/address.js";
import { Notices } from "../parts/notes.js";
import { endpoints, isConnecting, isOwnServer, token } from "../state/connection.js";
import { place } from "../state/location.js";
import { isDark, switchTheme } from "../state/theme.js";
import { BasinView } from "./basin-view.js";
import { BasinsView } from "./basins-view.js";
import { ConnectDialog } from "./connect-dialog.js";
import { FaultsView } from "./faults-view.js";
import { AccountMetrics } from "./metrics-view.js";
import { StreamView } from "./stream-view.js";
import { TokensView } from "./tokens-view.js";

const SECTIONS: readonly (readonly [name: string, place: Place])[] = [
  ["Basins", { page: "basins", search: "" }],
  ["Metrics", { page: "metrics" }],
  ["Tokens", { page: "tokens", search: "" }],
  ["Faults", { page: "faults" }],
];

export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        <Current />
      </main>
      <Notices />
      {isConnecting.value ? <ConnectDialog /> : null}
    </>
  );
}

function Header() {
  const { page } = place.value;
  const isIn = (section: Place): boolean =>
    section.page === page || (section.page === "basins" && (page === "basin" || page === "stream"));
  return (
    <header class="top">
      <a class="brand" href="#/basins">
        <span class="mark" aria-hidden="true" />
        S2
      </a>
      <nav aria-label="Sections">
        {SECTIONS.map(([name, section]) => (
          <a key={name} href={hashOf(section)} aria-current={isIn(section) ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <span class="spring" />
      <button
        type="button"
        class="quiet server"
        title="Which server, and with which token"
        onClick={() => {
          isConnecting.value = true;
        }}
      >
        <span class="server-name">{isOwnServer ? "this server" : hostOf(endpoints.account)}</span>
        {token.value === "" ? null : <span class="key">token set</span>}
      </button>
      <button
        type="button"
        class="quiet icon"
        aria-label={isDark() ? "Switch to light colours" : "Switch to dark colours"}
        onClick={switchTheme}
      >
        {isDark() ? "☀" : "☾"}
      </button>
    </header>
  );
}

function Current() {
  const current = place.value;
  switch (current.page) {
    case "basins":
      return <BasinsView search={current.search} />;
    case "basin":
      return <BasinView key={current.basin} place={current} />;
    case "stream":
      return <StreamView key={`${current.basin} ${current.stream}`} place={current} />;
    case "metrics":
      return <AccountMetrics />;
    case "tokens":
      return <TokensView search={current.search} />;
    case "faults":
      return <FaultsView />;
  }
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/^[a-z]+:\/\//i, "").replace(/\/.*$/, "");
}

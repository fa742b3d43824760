import { effect, signal } from "@preact/signals";

const KEY = "s2-dashboard theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const chosen = signal(localStorage.getItem(KEY));
const systemIsDark = signal(system.matches);
system.addEventListener("change", () => {
  systemIsDark.value = system.matches;
});

/** Whether the page is dark: as chosen, else as the system is. */
export function isDark(): boolean {
  return chosen.value === null ? systemIsDark.value : chosen.value === "dark";
}

export function switchTheme(): void {
  const next = isDark() ? "light" : "dark";
  localStorage.setItem(KEY, next);
  chosen.value = next;
}

effect(() => {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
});

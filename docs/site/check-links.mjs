// Every link between pages that were built, and to a place in one, has to lead somewhere.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** @returns {string[]} what is wrong, a line a link. */
export function brokenLinks(site) {
  const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".html"),
  );
  const places = new Map();
  const placesOf = (file) => {
    let found = places.get(file);
    if (found === undefined) {
      found = new Set(
        [...readFileSync(file, "utf8").matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, id]) => id),
      );
      places.set(file, found);
    }
    return found;
  };
  return pages.flatMap((page) => {
    const file = join(site, page);
    const targets = [...readFileSync(file, "utf8").matchAll(/\s(?:href|src)="([^"]*)"/g)].map(
      ([, target]) => target,
    );
    return [...new Set(targets)].flatMap((target) => {
      if (/^(?:https?:|mailto:|data:)/.test(target)) return [];
      const [path = "", place] = target.replace(/\?[^#]*/, "").split("#");
      const found = path === "" ? file : join(dirname(file), decodeURIComponent(path));
      const wrong = `${page}: ${target}`;
      if (!existsSync(found)) return [`${wrong} (no such file)`];
      if (statSync(found).isDirectory()) return [`${wrong} (a folder)`];
      if (place === undefined || place === "" || !found.endsWith(".html")) return [];
      return placesOf(found).has(decodeURIComponent(place))
        ? []
        : [`${wrong} (no such place in ${relative(site, found)})`];
    });
  });
}

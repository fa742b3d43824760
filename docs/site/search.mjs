// What the search weighs besides names and text: headings of pages, and what people look for there.
import { TOPICS } from "./topics.mjs";

/** Goes through what is about to be indexed; `titles` has the names of pages by their titles. */
export function weighGuides({ searchResults, searchFields, searchFieldWeights }, titles) {
  searchFieldWeights.topics = 120;
  searchFieldWeights.headings = 4;
  const unused = new Set(Object.keys(TOPICS));
  searchResults.forEach((reflection, index) => {
    if (!reflection.isDocument()) return;
    const name = titles.get(reflection.name);
    unused.delete(name);
    // A title counts as a heading. As a name it would outweigh all else, also where a word is within another: the search
    // for "exactly once" finds "Concepts".
    const headings = `${reflection.name}\n${headingsOf(reflection)}`;
    searchFields[index] = { name: undefined, headings, topics: TOPICS[name] };
  });
  if (unused.size > 0) throw new Error(`no page is called ${[...unused].join(", ")}`);
}

function headingsOf(document) {
  const text = document.content.map((part) => part.text).join("");
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)]
    .map(([, title]) => title)
    .join("\n");
}

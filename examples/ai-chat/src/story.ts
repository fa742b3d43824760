const LINES = [
  "A log is a list that only grows.",
  "Whoever writes puts a record at its end, and whoever reads remembers how far they have come.",
  "Nothing else is needed to come back later and miss nothing.",
  "So a page that is loaded anew reads from the beginning of the answer, and then goes on live.",
  "A server that dies in the middle of a sentence leaves the words that it has written.",
  "Another one reads them, takes the pen, and goes on behind the last word.",
];

/** What the model without a key answers: numbered, so that a sentence that is missing or comes twice can be seen. */
export function storyWords(question: string): string[] {
  const text = `You said: ${question}\n\n${LINES.map((line, index) => `${index + 1}. ${line}`).join("\n")}`;
  return text.match(/\S+\s*/g) ?? [];
}

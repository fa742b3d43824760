/** In place of the terminal colours of the assertions' library, which asks the environment: not every runtime has one. */
const plain = (text: unknown): string => String(text);

export default new Proxy({}, { get: () => plain }) as Readonly<Record<string, typeof plain>>;

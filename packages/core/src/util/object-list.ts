/**
 * An empty list of objects. A `[]` is one of small integers to V8 until something else is put in, and optimised code
 * that met it later is thrown away: four functions at the start of each session, and the decoder's loop at its second
 * batch.
 */
export function objectList<T>(): T[] {
  const list: (T | undefined)[] = [undefined];
  list.pop();
  return list as T[];
}

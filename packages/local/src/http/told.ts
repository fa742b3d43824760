/**
 * What somebody wants to be told of, told so that it harms nobody else: what it throws, at once or later, is a warning of
 * the process, the first time.
 */
export function told<T>(
  name: string,
  tell: ((value: T) => unknown) | undefined,
): ((value: T) => void) | undefined {
  if (tell === undefined) return undefined;
  let warned = false;
  const warn = (error: unknown): void => {
    if (warned) return;
    warned = true;
    process.emitWarning(`${name} threw: ${error instanceof Error ? error.message : String(error)}`);
  };
  return (value) => {
    try {
      const result = tell(value);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}

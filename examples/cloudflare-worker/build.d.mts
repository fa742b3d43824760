/** Bundles the worker into a file. */
export function buildWorker(file: string, options?: { readonly fromSources?: boolean }): Promise<void>;

/** Bundles the page into a folder. */
export function buildPage(folder: string, options?: { readonly fromSources?: boolean }): Promise<void>;

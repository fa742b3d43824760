/** Bundles the server and the page of the chat into a folder. */
export function buildChat(folder: string, options?: { readonly fromSources?: boolean }): Promise<void>;

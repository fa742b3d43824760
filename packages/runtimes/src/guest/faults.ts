/** Has the embedded server perform a fault, and says how often it did. */
export interface Fault {
  hits(): Promise<number>;
  remove(): Promise<void>;
}

/** @param rule - As `local` takes them; its admin interface must be on. */
export async function addFault(origin: string, rule: object): Promise<Fault> {
  const faults = `${origin}/admin/faults`;
  const added = await fetch(faults, { method: "POST", body: JSON.stringify(rule) });
  if (added.status !== 201) throw new Error(`${added.status}: ${await added.text()}`);
  const { id } = (await added.json()) as { id: string };
  return {
    async hits() {
      const { hits } = (await (await fetch(`${faults}/${id}`)).json()) as { hits: number };
      return hits;
    },
    async remove() {
      const removed = await fetch(`${faults}/${id}`, { method: "DELETE" });
      await removed.arrayBuffer();
    },
  };
}

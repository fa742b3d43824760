/** What a behaviour leaves behind, undone in reverse order whatever the outcome was. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  /** Failures are dropped: a behaviour may have deleted, closed or broken by itself what is undone here. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      await step().catch(() => undefined);
    }
  }
}

/** The smallest event source, for parts that must also run where there is no `vscode`. */
export class Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Returns a function that stops the listening. */
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  fire(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

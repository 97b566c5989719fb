import { Component, type ComponentChildren } from 'preact';

interface KeptProps {
  /** What is drawn depends on this data, of which an equal copy changes nothing … */
  readonly on: readonly unknown[];
  /** … and on this very object. */
  readonly by?: unknown;
  readonly draw: () => ComponentChildren;
}

/** Draws again only when what it depends on has become something else. */
export class Kept extends Component<KeptProps> {
  #on = JSON.stringify(this.props.on);

  override shouldComponentUpdate({ on, by }: KeptProps): boolean {
    // The same objects need not be looked into.
    if (by === this.props.by && areSame(on, this.props.on)) return false;
    const before = this.#on;
    this.#on = JSON.stringify(on);
    return this.#on !== before || by !== this.props.by;
  }

  override render({ draw }: KeptProps): ComponentChildren {
    return draw();
  }
}

function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((each, at) => each === others[at]);
}

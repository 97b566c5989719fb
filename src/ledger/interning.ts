import { type Dimensions, dimensionNames, type Origin } from '../model/usageRecord';

/** One combination of names; there is one object for equal ones, so it can be a key itself. */
export type DimensionSet = Dimensions;

// What does not survive SQLite and back: NUL ends a text there, and a lone surrogate is not UTF-8.
const unsafeText = /[\u0000\ud800-\udfff]/;

/** Text that is the same after it was stored and read back; identity of keys rests on that. */
export function storableText(text: string): string {
  if (!unsafeText.test(text)) return text;
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
}

function sameDimensions(one: Dimensions, other: Dimensions): boolean {
  return (
    one.model === other.model &&
    one.project === other.project &&
    one.branch === other.branch &&
    one.source === other.source &&
    one.provider === other.provider &&
    one.user === other.user &&
    one.host === other.host
  );
}

/**
 * Gives equal combinations of names, and equal origins, one object each: as long as anybody has it. Origins are as many
 * as sessions, so one that nobody has any more is let go: who reads or imports years holds those of a month.
 */
export class Interning {
  readonly #dimensions = new Map<string, DimensionSet>();
  readonly #origins = new Map<string, WeakRef<Origin>>();
  readonly #gone = new FinalizationRegistry<string>((id) => {
    // Meanwhile there may be another.
    if (this.#origins.get(id)?.deref() === undefined) this.#origins.delete(id);
  });
  #lastAsked: Dimensions | null = null;
  #lastAskedOrigin: Origin | null = null;
  #lastGiven: DimensionSet | null = null;
  #lastGivenOrigin: Origin | null = null;

  dimensions(wanted: Dimensions): DimensionSet {
    // Records come in runs of one session: nearly always the same as the one before.
    if (this.#lastAsked !== null && this.#lastGiven !== null && sameDimensions(wanted, this.#lastAsked))
      return this.#lastGiven;
    const texts = dimensionNames.map((name) => storableText(wanted[name]));
    const id = texts.join('\0');
    let found = this.#dimensions.get(id);
    if (found === undefined) {
      const [model, provider, project, branch, source, user, host] = texts as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      found = Object.freeze({ model, provider, project, branch, source, user, host });
      this.#dimensions.set(id, found);
    }
    const { model, provider, project, branch, source, user, host } = wanted;
    this.#lastAsked = { model, provider, project, branch, source, user, host };
    this.#lastGiven = found;
    return found;
  }

  origin(wanted: Origin): Origin {
    if (wanted === this.#lastAskedOrigin && this.#lastGivenOrigin !== null) return this.#lastGivenOrigin;
    const path = storableText(wanted.path);
    const session = storableText(wanted.session);
    const id = `${wanted.beganEpochMs}\0${path}\0${session}`;
    let found = this.#origins.get(id)?.deref();
    if (found === undefined) {
      found = Object.freeze({ path, beganEpochMs: wanted.beganEpochMs, session });
      this.#origins.set(id, new WeakRef(found));
      this.#gone.register(found, id);
    }
    this.#lastAskedOrigin = wanted;
    this.#lastGivenOrigin = found;
    return found;
  }
}

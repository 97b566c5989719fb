import { isSame } from './bytes';

const longest: usize = 32;

/** A few names, to be recognized in the bytes of a line. */
export class NameTable {
  private readonly texts: StaticArray<ArrayBuffer>;
  /** The first name of each length, and the next one of the same; −1 for none. */
  private readonly firsts: StaticArray<i32> = new StaticArray<i32>(<i32>longest + 1);
  private readonly nexts: StaticArray<i32>;

  constructor(names: StaticArray<string>) {
    this.texts = new StaticArray<ArrayBuffer>(names.length);
    this.nexts = new StaticArray<i32>(names.length);
    this.firsts.fill(-1);
    for (let index = names.length - 1; index >= 0; index--) {
      const text = String.UTF8.encode(names[index]);
      this.texts[index] = text;
      this.nexts[index] = this.firsts[text.byteLength];
      this.firsts[text.byteLength] = index;
    }
  }

  /** Index of the name that stands there; −1 if it is none of these. */
  find(from: usize, to: usize): i32 {
    const length = to - from;
    if (length > longest) return -1;
    let index = unchecked(this.firsts[<i32>length]);
    while (index >= 0 && !isSame(changetype<usize>(unchecked(this.texts[index])), from, length))
      index = unchecked(this.nexts[index]);
    return index;
  }
}

/** The number of a UTC month: months since January 1970. */
export type MonthNumber = number;

/** 48 bits of a key. Two keys may share one: whoever uses it compares the keys themselves. */
export type KeyHash = number;

const emptySlot = 0;
const removedSlot = -1;

/** Never 0 or negative. */
export function hashKey(key: string): KeyHash {
  let low = 0x3c6ef372 ^ key.length;
  let high = 0x510e527f;
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x85ebca6b);
  }
  low = Math.imul(low ^ (low >>> 16) ^ high, 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 13) ^ (low >>> 16), 0x27d4eb2f);
  low ^= low >>> 15;
  high ^= high >>> 16;
  const hash = (low >>> 0) * 0x10000 + (high & 0xffff);
  return hash === emptySlot ? 1 : hash;
}

/**
 * Which months hold rows of a key: the answer to "is this message known?" without opening a month. An open-addressing
 * table of (hash, month) pairs, ten bytes each, so that a million messages cost 20 MB at most.
 */
export class KeyIndex {
  #hashes = new Float64Array(1024);
  #months = new Uint16Array(1024);
  #used = 0;
  #live = 0;

  get size(): number {
    return this.#live;
  }

  /** Makes room, so that adding this many does not grow the table step by step. */
  reserve(more: number): void {
    let capacity = this.#hashes.length;
    while ((this.#used + more) * 2 > capacity) capacity *= 2;
    if (capacity > this.#hashes.length) this.#rehash(capacity);
  }

  /** False if no month holds the key. */
  has(hash: KeyHash): boolean {
    const mask = this.#hashes.length - 1;
    for (let slot = hash % this.#hashes.length; ; slot = (slot + 1) & mask) {
      const found = this.#hashes[slot];
      if (found === hash) return true;
      if (found === emptySlot) return false;
    }
  }

  monthsOf(hash: KeyHash): MonthNumber[] {
    const months: MonthNumber[] = [];
    const mask = this.#hashes.length - 1;
    for (let slot = hash % this.#hashes.length; ; slot = (slot + 1) & mask) {
      const found = this.#hashes[slot];
      if (found === hash) months.push(this.#months[slot]!);
      else if (found === emptySlot) return months;
    }
  }

  /** Returns true if the key is now in more than one month. */
  add(hash: KeyHash, month: MonthNumber): boolean {
    if ((this.#used + 1) * 2 > this.#hashes.length) this.#rehash(this.#live * 4 + 1024);
    const mask = this.#hashes.length - 1;
    let elsewhere = false;
    for (let slot = hash % this.#hashes.length; ; slot = (slot + 1) & mask) {
      const found = this.#hashes[slot];
      if (found === hash) {
        if (this.#months[slot] === month) return elsewhere || this.monthsOf(hash).length > 1;
        elsewhere = true;
      } else if (found === emptySlot) {
        this.#hashes[slot] = hash;
        this.#months[slot] = month;
        this.#used++;
        this.#live++;
        return elsewhere;
      }
    }
  }

  remove(hash: KeyHash, month: MonthNumber): void {
    const mask = this.#hashes.length - 1;
    for (let slot = hash % this.#hashes.length; ; slot = (slot + 1) & mask) {
      const found = this.#hashes[slot];
      if (found === emptySlot) return;
      if (found === hash && this.#months[slot] === month) {
        this.#hashes[slot] = removedSlot;
        this.#live--;
        return;
      }
    }
  }

  /** All keys of a month, in no order. */
  keysOf(month: MonthNumber): Float64Array {
    const keys: number[] = [];
    for (let slot = 0; slot < this.#hashes.length; slot++)
      if (this.#months[slot] === month && this.#hashes[slot]! > 0) keys.push(this.#hashes[slot]!);
    return Float64Array.from(keys);
  }

  #rehash(wanted: number): void {
    let capacity = 1024;
    while (capacity < wanted) capacity *= 2;
    const hashes = this.#hashes;
    const months = this.#months;
    this.#hashes = new Float64Array(capacity);
    this.#months = new Uint16Array(capacity);
    this.#used = this.#live;
    const mask = capacity - 1;
    for (let from = 0; from < hashes.length; from++) {
      const hash = hashes[from]!;
      if (hash <= 0) continue;
      let slot = hash % capacity;
      while (this.#hashes[slot] !== emptySlot) slot = (slot + 1) & mask;
      this.#hashes[slot] = hash;
      this.#months[slot] = months[from]!;
    }
  }
}

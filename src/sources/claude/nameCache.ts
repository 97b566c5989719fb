const noBytes = new Uint8Array();

/**
 * Makes strings of names in lines. Neighbouring lines nearly always name the same session, folder or model: the string
 * made last is then given again, which is faster than making one, and makes comparing them later a matter of identity.
 */
export class NameCache {
  #bytes: Uint8Array = noBytes;
  #length = 0;
  #text = '';

  /** null if the bytes are no plain ASCII. */
  name(bytes: Uint8Array, from: number, to: number): string | null {
    const length = to - from;
    if (length === this.#length && this.#isSame(bytes, from)) return this.#text;
    for (let at = from; at < to; at++) if (bytes[at]! > 0x7f) return null;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length * 2);
    this.#bytes.set(bytes.subarray(from, to));
    this.#length = length;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1');
    return this.#text;
  }

  #isSame(bytes: Uint8Array, from: number): boolean {
    // From the end: ids differ there.
    for (let index = this.#length - 1; index >= 0; index--)
      if (bytes[from + index] !== this.#bytes[index]) return false;
    return true;
  }
}

// The edges of a trie in two flat arrays: a good deal faster to follow than a Map of objects.

/** Slots, a power of two, about four times the edges that all languages need. */
const slots = 1 << 19
const mask = slots - 1

/** Maps a node and a letter, as one number above zero, to the next node; zero where there is none. */
export class EdgeTable {
  readonly #keys = new Int32Array(slots)
  readonly #nodes = new Int32Array(slots)
  #size = 0

  get(key: number): number {
    let slot = Math.imul(key, 0x9e3779b1) >>> 13
    for (;;) {
      const known = this.#keys[slot]
      if (known === key) return this.#nodes[slot] ?? 0
      if (known === 0) return 0
      slot = (slot + 1) & mask
    }
  }

  set(key: number, node: number): void {
    // A full table would search for ever; the lists of words would have to grow threefold for that.
    if (++this.#size > slots / 2) throw new Error('edge table full: raise its slots')
    let slot = Math.imul(key, 0x9e3779b1) >>> 13
    while (this.#keys[slot] !== 0) slot = (slot + 1) & mask
    this.#keys[slot] = key
    this.#nodes[slot] = node
  }
}

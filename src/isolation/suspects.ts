// Sources whose recent input took long or ended a child: their next tasks are treated as heavy.

const rememberedMs = 10 * 60_000
const maxRemembered = 10_000

export class Suspects {
  readonly #until = new Map<string, number>()

  add(sources: readonly string[]): void {
    for (const source of sources) {
      this.#until.delete(source)
      this.#until.set(source, performance.now() + rememberedMs)
    }
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= maxRemembered) break
      this.#until.delete(oldest)
    }
  }

  /** Whether any of the sources is a suspect. */
  has(sources: readonly string[]): boolean {
    return this.#until.size > 0 && sources.some((source) => this.#isSuspect(source))
  }

  #isSuspect(source: string): boolean {
    const until = this.#until.get(source)
    if (until === undefined) return false
    if (until > performance.now()) return true
    this.#until.delete(source)
    return false
  }
}

// One customer's ledger as a plain model: a balance, holds, and the lines of the statement.
import { transferIdFor } from '../../src/core/ledger/transfer-id.ts'
import { maxAmount } from '../../src/core/money.ts'

export type NamedAmount = { readonly name: number; readonly amount: bigint }

/** What is done: places are numbers of holds made earlier, from the newest back. */
export type LedgerStep =
  | { readonly verb: 'credit'; readonly name: number; readonly amount: bigint }
  | { readonly verb: 'hold'; readonly holds: readonly NamedAmount[] }
  | { readonly verb: 'pay'; readonly holds: readonly NamedAmount[] }
  | { readonly verb: 'post'; readonly place: number; readonly amount: bigint | null }
  | { readonly verb: 'void'; readonly places: readonly number[] }

type ModelHold = { readonly id: string; readonly amount: bigint; ended: boolean }
type Line = readonly [kind: string, amount: bigint, change: bigint, balanceAfter: bigint | null]

export class LedgerModel {
  readonly accountId: number
  readonly currency: string
  balance = 0n
  readonly holds: ModelHold[] = []
  readonly lines: Line[] = []
  readonly #credits = new Set<number>()

  constructor(accountId: number, currency: string) {
    this.accountId = accountId
    this.currency = currency
  }

  /** @returns what the real one must answer */
  perform(step: LedgerStep): string {
    if (step.verb === 'credit') return this.#credit(step.name, step.amount)
    if (step.verb === 'hold') return this.#hold(step.holds)
    if (step.verb === 'pay') return this.#pay(step.holds)
    if (step.verb === 'post') return this.#post(this.holds.at(-1 - step.place), step.amount)
    const holds = new Set(step.places.map((place) => this.holds.at(-1 - place)))
    return [...holds]
      .filter((held) => held !== undefined)
      .filter((held) => this.#void(held))
      .map((held) => held.id)
      .sort()
      .join(' ')
  }

  #credit(name: number, amount: bigint): string {
    if (amount < 0n || amount > maxAmount) return 'out of range'
    if (this.#credits.has(name)) return `false ${this.balance}`
    this.#credits.add(name)
    this.#move('credit', amount)
    return `true ${this.balance}`
  }

  #hold(wanted: readonly NamedAmount[]): string {
    if (wanted.some(({ amount }) => amount < 0n || amount > maxAmount)) return 'out of range'
    const fresh = this.#fresh(wanted)
    if (fresh.reduce((sum, one) => sum + one.amount, 0n) > this.balance)
      return 'insufficient_balance'
    for (const { id, amount } of fresh) {
      this.holds.push({ id, amount, ended: false })
      this.#move('hold', -amount)
    }
    return `${fresh.length} ${this.balance}`
  }

  /** Holds first, then posts what was held now. */
  #pay(wanted: readonly NamedAmount[]): string {
    const fresh = new Set(this.#fresh(wanted).map((one) => one.id))
    const answer = this.#hold(wanted)
    if (!/^\d/.test(answer)) return answer
    for (const held of this.holds) if (fresh.has(held.id)) this.#post(held, null)
    return `paid ${this.balance}`
  }

  /** What was not held before. */
  #fresh(wanted: readonly NamedAmount[]): { id: string; amount: bigint }[] {
    return wanted
      .map(({ name, amount }) => ({ id: transferIdFor('hold', this.accountId, name), amount }))
      .filter(({ id }) => !this.holds.some((held) => held.id === id))
  }

  #post(held: ModelHold | undefined, wanted: bigint | null): string {
    if (!held) return 'none'
    const amount = wanted ?? held.amount
    if (amount < 0n || amount > held.amount) return 'out of range'
    if (held.ended) return 'false'
    held.ended = true
    this.lines.push(['post', amount, 0n, null])
    if (amount < held.amount) this.#move('release', held.amount - amount)
    return 'true'
  }

  #void(held: ModelHold): boolean {
    if (held.ended) return false
    held.ended = true
    this.#move('void', held.amount)
    return true
  }

  #move(kind: string, change: bigint) {
    this.balance += change
    this.lines.push([kind, change < 0n ? -change : change, change, this.balance])
  }
}

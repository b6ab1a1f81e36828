// One customer's ledger as a plain model: a balance, holds, and the lines of the statement.
import { transferIdFor } from '../../src/core/ledger/transfer-id.ts'
import { maxAmount } from '../../src/core/money.ts'

/** What is done: places are numbers of holds made earlier, from the newest back. */
export type LedgerStep =
  | { readonly verb: 'credit'; readonly name: number; readonly amount: bigint }
  | { readonly verb: 'hold'; readonly name: number; readonly amount: bigint }
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
    if (step.verb === 'hold') return this.#hold(step.name, step.amount)
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

  #hold(name: number, amount: bigint): string {
    if (amount < 0n || amount > maxAmount) return 'out of range'
    const id = transferIdFor('hold', this.accountId, name)
    if (this.holds.some((held) => held.id === id)) return `false ${this.balance}`
    if (amount > this.balance) return 'insufficient_balance'
    this.holds.push({ id, amount, ended: false })
    this.#move('hold', -amount)
    return `true ${this.balance}`
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

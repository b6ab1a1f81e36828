// Has emails parsed and searched by child processes, which may die of them.
import { extname } from 'node:path'
import {
  type CodeSearch,
  type FoundCodes,
  type FoundInMail,
  type MailTexts,
  nothingFound,
  type Spent,
} from '../../core/messages/mail-codes.ts'
import { ChildPool, type PoolOptions, TaskLost } from '../../isolation/pool.ts'
import { BadMail, type ParsedMail } from './parse.ts'

export type ReaderRequest =
  | { readonly kind: 'read'; readonly searches: readonly CodeSearch[]; readonly sender: string }
  | { readonly kind: 'compile'; readonly searches: readonly CodeSearch[]; readonly pattern: string }
  | { readonly kind: 'find'; readonly searches: readonly CodeSearch[]; readonly mail: MailTexts }

/** A parsed email. */
export type SentMail = ParsedMail & {
  /** The From, or else the envelope's sender. */
  readonly sender: string
}

export type ReadAnswer =
  | ({ readonly kind: 'found' } & FoundCodes)
  | { readonly kind: 'compiled'; readonly fault: string | null }
  | { readonly kind: 'bad'; readonly reason: string }

export type ReadMail = SentMail & {
  /** What is found for each inbox, in the given order. */
  readonly found: readonly FoundInMail[]
}

export type RawMail = {
  readonly raw: Uint8Array
  /** The envelope's sender, for emails without a From. */
  readonly sender: string
  readonly searches: readonly CodeSearch[]
  /** The IP address of the sender. */
  readonly networks: readonly string[]
}

export type MailReader = {
  /** Starts the processes before there are emails. */
  warm(): void
  /** @throws BadMail; Error if it cannot be done now */
  read(mail: RawMail): Promise<ReadMail>
  /** Searches an email that was not received over SMTP. */
  find(mail: MailTexts, searches: readonly CodeSearch[]): Promise<readonly FoundInMail[]>
  /** What is wrong with a customer's pattern, or null. */
  patternFault(pattern: string): Promise<string | null>
  stop(): Promise<void>
}

/** Larger emails are heavy: they leave processes for the others. */
const heavyBytes = 256 * 1024
/** More patterns than one customer's emails usually need. */
const heavyPatterns = 3

export function mailReader(options: Omit<PoolOptions, 'program'>): MailReader {
  const pool = new ChildPool({
    ...options,
    program: new URL(`./reader-child${extname(import.meta.url)}`, import.meta.url),
  })
  const budgets = new SearchBudgets()
  const run = async (request: ReaderRequest, bytes: Uint8Array, networks: readonly string[]) => {
    const accounts = [...new Set(request.searches.map(({ accountId }) => accountId))]
    const patterns = new Set(request.searches.map(({ pattern }) => pattern))
    const outcome = await pool.run({
      request: { ...request, searches: budgets.affordable(request.searches) },
      bytes,
      sources: [...accounts.map((id) => `account ${id}`), ...networks],
      isHeavy: bytes.length > heavyBytes || patterns.size > heavyPatterns,
    })
    const answer = outcome.value as ReadAnswer
    if (answer.kind === 'bad') throw new BadMail(answer.reason)
    if (answer.kind === 'compiled') throw new Error('the child answered another request')
    budgets.spend(answer.spent)
    return { mail: outcome.part as SentMail, found: answer.found }
  }
  const find = async (mail: MailTexts, searches: readonly CodeSearch[]) => {
    try {
      return (await run({ kind: 'find', mail, searches }, noBytes, [])).found
    } catch (error) {
      if (error instanceof TaskLost) return searches.map(() => nothingFound)
      throw error
    }
  }
  return {
    warm: () => pool.warm(),
    find,
    async read({ raw, sender, searches, networks }) {
      try {
        const { mail, found } = await run({ kind: 'read', sender, searches }, raw, networks)
        return { ...mail, found }
      } catch (error) {
        if (!(error instanceof TaskLost)) throw error
        if (error.part === null) throw new BadMail(error.message)
        // The search ended the process: the email is kept, and the patterns find nothing.
        const mail = error.part as SentMail
        return { ...mail, found: await find(mail, searches.map(withoutPattern)) }
      }
    },
    async patternFault(pattern) {
      const request: ReaderRequest = { kind: 'compile', searches: [], pattern }
      try {
        const job = { request, bytes: noBytes, sources: ['patterns'], isHeavy: false }
        const { value } = await pool.run(job)
        return (value as { fault: string | null }).fault
      } catch (error) {
        if (error instanceof TaskLost) return 'is too large'
        throw error
      }
    },
    stop: () => pool.stop(),
  }
}

const noBytes = new Uint8Array(0)

const withoutPattern = (search: CodeSearch): CodeSearch =>
  search.pattern === null ? search : { ...search, isSkipped: true }

/** The time that an account's patterns may take per minute, over all emails. */
const searchMsAMinute = 10_000
const minuteMs = 60_000

class SearchBudgets {
  #spent = new Map<number, number>()
  #minute = 0

  /** The searches; those of accounts that have used up their time are marked to be skipped. */
  affordable(searches: readonly CodeSearch[]): readonly CodeSearch[] {
    this.#turn()
    if (this.#spent.size === 0) return searches
    return searches.map((search) =>
      (this.#spent.get(search.accountId) ?? 0) > searchMsAMinute ? withoutPattern(search) : search,
    )
  }

  spend(spent: readonly Spent[]): void {
    this.#turn()
    for (const { accountId, ms } of spent)
      this.#spent.set(accountId, (this.#spent.get(accountId) ?? 0) + ms)
  }

  #turn() {
    const minute = Math.floor(performance.now() / minuteMs)
    if (minute !== this.#minute) this.#spent = new Map()
    this.#minute = minute
  }
}

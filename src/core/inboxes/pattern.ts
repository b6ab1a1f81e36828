// A customer's pattern for the code: RE2, which runs in linear time whatever the pattern is.
import { RE2JS } from 're2js'
import { DomainError } from '../error.ts'

const maxPatternLength = 500
const maxProgramSize = 500
const maxTextRead = 8_000
const maxCodeLength = 2_000
/** Steps of a search: the size of the program times the length of the text. A million take up to 0.1 s. */
const maxStepsAnAccount = 4_000_000
const maxStepsAMail = 8_000_000
/** The time for all patterns of one email; the largest search takes half a second. */
const maxMsAMail = 500
/** The size of the cache of compiled patterns: many inboxes for a service have the same pattern. */
const maxKept = 200

/** What is wrong with a pattern, or null. Compiling can be slow: call it where nobody else has to wait. */
export type PatternFault = (pattern: string) => Promise<string | null>

/** @throws invalid_request naming the field `pattern`, if it is not valid or too large */
export async function assertPattern(pattern: string, faultOf: PatternFault): Promise<void> {
  const detail = isLong(pattern)
    ? `must have 1 to ${maxPatternLength} characters`
    : await faultOf(pattern)
  if (detail !== null)
    throw new DomainError('invalid_request', `The pattern ${detail}.`, {
      fields: [{ pointer: '/pattern', detail }],
    })
}

const isLong = (pattern: string) => pattern.length === 0 || pattern.length > maxPatternLength

/** Compiles the pattern. Case-insensitive character classes can take a large part of a second. */
export function patternFault(pattern: string): string | null {
  try {
    return RE2JS.compile(pattern).programSize() > maxProgramSize ? 'is too large' : null
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return `is not a regular expression of linear time (${error.message.slice(0, 200)})`
  }
}

export type PatternQuery = { readonly accountId: number; readonly pattern: string }

const kept = new Map<string, RE2JS>()

function compiled(pattern: string): RE2JS {
  const known = kept.get(pattern)
  if (known) return known
  if (kept.size >= maxKept) kept.clear()
  const made = RE2JS.compile(pattern)
  kept.set(pattern, made)
  return made
}

/** Searches one email's texts for the patterns of its recipients, within a budget. */
export class PatternSearch {
  readonly #texts: readonly string[]
  readonly #clockMs: () => number
  readonly #accounts = new Map<number, { steps: number; ms: number }>()
  #steps = 0
  #ms = 0

  /** @param texts the first text that contains a match is used */
  constructor(texts: readonly string[], clockMs: () => number) {
    this.#texts = texts.map((text) => text.slice(0, maxTextRead))
    this.#clockMs = clockMs
  }

  /** @returns the matches by account and pattern; null if there is none, or the budget is used up */
  findAll(
    searches: readonly PatternQuery[],
  ): ReadonlyMap<number, ReadonlyMap<string, string | null>> {
    const found = new Map<number, Map<string, string | null>>()
    for (const { accountId, pattern } of inTurns(searches)) {
      const ofAccount = found.get(accountId) ?? new Map<string, string | null>()
      found.set(accountId, ofAccount)
      if (!ofAccount.has(pattern)) ofAccount.set(pattern, this.#find(accountId, pattern))
    }
    return found
  }

  /** Milliseconds spent on each account's patterns. */
  spent(): { readonly accountId: number; readonly ms: number }[] {
    return [...this.#accounts].map(([accountId, { ms }]) => ({ accountId, ms }))
  }

  #find(accountId: number, pattern: string): string | null {
    const account = this.#accounts.get(accountId) ?? { steps: 0, ms: 0 }
    this.#accounts.set(accountId, account)
    if (this.#ms > maxMsAMail) return null
    const startedAt = this.#clockMs()
    const program = compiled(pattern)
    let code: string | null = null
    for (const text of this.#texts) {
      const steps = program.programSize() * text.length
      account.steps += steps
      this.#steps += steps
      if (account.steps > maxStepsAnAccount || this.#steps > maxStepsAMail) break
      code = findIn(program, text)
      if (code !== null) break
    }
    const ms = this.#clockMs() - startedAt
    account.ms += ms
    this.#ms += ms
    return code
  }
}

/** The first group, or else the whole match. */
function findIn(program: RE2JS, text: string): string | null {
  const matcher = program.matcher(text)
  if (!matcher.find()) return null
  const found = (matcher.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? ''
  return found.trim().slice(0, maxCodeLength) || null
}

/** The first pattern of each account, then the second of each: no account uses up the budget alone. */
function inTurns(searches: readonly PatternQuery[]): PatternQuery[] {
  const count = new Map<number, number>()
  return searches
    .map((search) => {
      const turn = count.get(search.accountId) ?? 0
      count.set(search.accountId, turn + 1)
      return { search, turn }
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ search }) => search)
}

// Operators' verb that tries rules of a service against its stored messages, before they are set.
import { createContext, Script } from 'node:vm'
import type { Database } from '../../db/database.ts'
import { readCatalog } from '../catalog/catalog.ts'
import { type CodeRule, extractCode } from '../codes/extract.ts'
import { ruleProblem } from '../codes/rule-problem.ts'
import { type Hints, hintsOf } from '../messages/hints.ts'
import { findCodes } from '../messages/mail-codes.ts'
import { appendMany, type By, needReason } from '../operator-log.ts'
import { findService, invalid } from './services.ts'

export type Trial = {
  readonly slug: string
  /** A candidate, tried as the service's only rule; null: the rules that the service has. */
  readonly pattern: string | null
  /** Only messages received after this time. */
  readonly since: Date
  /** So many of the newest messages at most. */
  readonly limit: number
  /** Whether codes are returned. Each message whose codes are returned is logged as read. */
  readonly withCodes: boolean
}

export type Difference = {
  readonly messageId: bigint
  readonly kind: 'newly_found' | 'other_code' | 'no_longer_found'
  /** The stored code and the one found; null if codes are hidden. */
  readonly codes: { readonly before: string | null; readonly after: string | null } | null
}

export type TrialResult = {
  readonly messages: number
  /** Messages in which a code was found. */
  readonly found: number
  readonly sameCode: number
  readonly otherCode: number
  readonly newlyFound: number
  readonly noLongerFound: number
  readonly differences: readonly Difference[]
}

export const maxTrialMessages = 10_000
/** Mails are long: so many texts are in memory at a time. */
const messagesARead = 100
/** A rule that needs longer for a message must not be set: it would hold up all others. */
const maxMsAMessage = 2_000

/**
 * Tries rules against the stored messages of a service that have not been purged, as if they were received
 * anew. Mails of inboxes with a pattern of their customer are left out: rules do not apply to them.
 * @throws service_not_found, invalid_request if the pattern is no rule, is too slow, or no reason was given
 */
export async function tryRules(db: Database, by: By, trial: Trial): Promise<TrialResult> {
  const stated = needReason(by)
  const service = await findService(db, trial.slug)
  const hints = await hintsFor(db, service.id, trial.pattern)
  const ids = await messagesToTry(db, service.id, trial)
  const result = tally()
  const accounts = new Map<bigint, number | null>()
  for (let at = 0; at < ids.length; at += messagesARead) {
    for (const message of await textsOf(db, ids.slice(at, at + messagesARead))) {
      const difference = result.add(message, codeIn(message, hints))
      if (difference) accounts.set(message.id, message.account_id)
    }
  }
  const { differences, ...counts } = result.total()
  const shown = trial.withCodes ? differences : []
  await appendMany(db, stated, [
    {
      action: 'service.try',
      subject: { type: 'service', id: trial.slug },
      detail: {
        pattern: trial.pattern,
        with_codes: trial.withCodes,
        messages: counts.messages,
        differences: differences.length,
      },
    },
    ...shown.map(({ messageId: id }) => ({
      action: 'message.read',
      subject: { type: 'message', id } as const,
      accountId: accounts.get(id) ?? null,
    })),
  ])
  return {
    ...counts,
    differences: trial.withCodes
      ? differences
      : differences.map((one) => ({ ...one, codes: null })),
  }
}

function ruleOf(pattern: string): CodeRule {
  const problem = ruleProblem(pattern)
  if (problem !== null) throw invalid(`The rule ${pattern} ${problem}.`)
  return { pattern, flags: 'iu' }
}

/** What is known of a message of the service when it is received, with the rules to try. */
async function hintsFor(db: Database, serviceId: number, pattern: string | null) {
  const catalog = await readCatalog(db)
  const service = catalog.service(serviceId)
  const rules = pattern === null ? (service?.rules ?? []) : [ruleOf(pattern)]
  return { ...hintsOf(catalog, service), rules }
}

async function messagesToTry(
  db: Database,
  serviceId: number,
  { since, limit }: Trial,
): Promise<bigint[]> {
  const rows = await db.query<{ id: bigint }>(
    `select m.id from messages m
      where m.service_id = $1 and m.received_at >= $2 and m.purged_at is null and m.state <> 'repeat'
        and not exists (
          select from inboxes i where i.order_id = m.order_id and i.pattern is not null)
      order by m.received_at desc, m.id desc limit $3`,
    [serviceId, since, Math.min(limit, maxTrialMessages)],
  )
  return rows.map((row) => row.id)
}

type Stored = {
  id: bigint
  channel: 'sms' | 'email'
  sender: string
  text: string
  subject: string | null
  html: string | null
  code: string | null
  account_id: number | null
}

/** The messages that have not been purged meanwhile, newest first. */
function textsOf(db: Database, ids: readonly bigint[]): Promise<Stored[]> {
  return db.query<Stored>(
    `select id, channel, sender, text, subject, html, code, account_id from messages
      where id = any($1) and text is not null order by received_at desc, id desc`,
    [ids],
  )
}

type Searched = Hints & { readonly rules: readonly CodeRule[] }

/** @throws invalid_request if it takes too long */
function codeIn(message: Stored, hints: Searched): string | null {
  const { text, sender } = message
  const search =
    message.channel === 'email'
      ? () => codeOfMail(message, hints.rules)
      : () => extractCode({ text, sender, channel: 'sms', ...hints }).code
  const code = withinTime(search, maxMsAMessage)
  if (code === 'late')
    throw invalid(
      `The rules take longer than ${maxMsAMessage / 1_000} s on message ${message.id}. ` +
        'Rules that slow must not be set.',
    )
  return code.value
}

function codeOfMail({ subject, text, html, sender }: Stored, rules: readonly CodeRule[]) {
  const mail = { subject: subject ?? '', text, html, sender }
  const [found] = findCodes(mail, [{ accountId: 0, pattern: null, rules }]).found
  return found?.code ?? null
}

const context = createContext({ search: null as (() => unknown) | null })
const script = new Script('search()')

/** Stops even a regular expression that backtracks without end. */
function withinTime<T>(search: () => T, timeout: number): { readonly value: T } | 'late' {
  context.search = search
  try {
    return { value: script.runInContext(context, { timeout }) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'late'
    throw error
  } finally {
    context.search = null
  }
}

/** Counts answers and collects those that differ. */
function tally() {
  const counts = {
    messages: 0,
    found: 0,
    sameCode: 0,
    otherCode: 0,
    newlyFound: 0,
    noLongerFound: 0,
  }
  const differences: Difference[] = []
  return {
    add({ id, code: before }: Stored, after: string | null): boolean {
      counts.messages++
      if (after !== null) counts.found++
      const kind = kindOf(before, after)
      if (kind === null) {
        if (after !== null) counts.sameCode++
        return false
      }
      counts[countOf[kind]]++
      differences.push({ messageId: id, kind, codes: { before, after } })
      return true
    },
    total: (): TrialResult => ({ ...counts, differences }),
  }
}

const countOf = {
  newly_found: 'newlyFound',
  other_code: 'otherCode',
  no_longer_found: 'noLongerFound',
} as const

function kindOf(before: string | null, after: string | null): Difference['kind'] | null {
  if (before === after) return null
  if (before === null) return 'newly_found'
  return after === null ? 'no_longer_found' : 'other_code'
}

// `numlet log`: what operators did, when and why, newest first.
import type { Command } from 'commander'
import { readLog } from '../core/operator-log.ts'
import * as read from './arguments.ts'
import { accountOf, shownDetail, shownSubject, subjectOf } from './ids.ts'
import { printList, type Shown, soleVerb } from './output.ts'
import { withSession } from './session.ts'

export function addLog(noun: Command): void {
  soleVerb(noun)
    .option('--actor <name>', 'Show only what this operator did')
    .option('--action <name>', 'Show only this action (`account.credit`) or noun (`account`)')
    .option('--account <id>', 'Show only what concerns this account (id or e-mail)', read.account)
    .option(
      '--subject <id>',
      'Show only what was done to this thing (`ord_...`, `service:whatsapp`)',
    )
    .option('--since <time>', 'Show only lines of this time or later (ISO 8601)', read.time)
    .option('--until <time>', 'Show only lines before this time (ISO 8601)', read.time)
    .option('--before <id>', 'Show only lines older than the one with this id', lineId)
    .option('--limit <count>', 'Number of lines to show', read.limit, 100)
    .action(show)
}

type Wanted = Shown & {
  actor?: string
  action?: string
  account?: string
  subject?: string
  since?: Date
  until?: Date
  before?: bigint
  limit: number
}

function show(wanted: Wanted) {
  return withSession(async (session) => {
    const { db, ids } = session
    const entries = await readLog(db, {
      ...wanted,
      accountId: wanted.account === undefined ? null : await accountOf(session, wanted.account),
      subject: wanted.subject === undefined ? null : subjectOf(ids, wanted.subject),
    })
    printList(
      wanted,
      entries.map((entry) => ({
        id: entry.id,
        at: entry.createdAt,
        actor: entry.actor,
        action: entry.action,
        subject: shownSubject(ids, entry.subjectType, entry.subjectId),
        account_id: entry.accountId === null ? null : ids.toToken('acc', entry.accountId),
        reason: entry.reason,
        detail: shownDetail(ids, entry.detail),
      })),
    )
  })
}

function lineId(text: string): bigint {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw read.unfit('It must be the id of a line.')
  return BigInt(text)
}

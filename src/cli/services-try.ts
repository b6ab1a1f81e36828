// `numlet services try`: what a rule would find in the messages that are stored.
import type { Command } from 'commander'
import { type Difference, maxTrialMessages, tryRules } from '../core/operating/try-rules.ts'
import * as read from './arguments.ts'
import { printReport, type Reasoned, reasonedAct } from './output.ts'
import { type Session, withSession } from './session.ts'

const msADay = 86_400_000

export function addTrying(noun: Command): void {
  reasonedAct(noun, 'try', 'Try a rule against stored messages of a service; nothing is changed')
    .argument('<slug>', 'Slug of the service')
    .option('--pattern <regex>', 'Rule to try in place of all rules; without it, the present rules')
    .option('--days <count>', 'Only messages of the last so many days', days, 30)
    .option('--limit <count>', 'Number of messages to try, newest first', trialLimit, 1_000)
    .option('--show', 'Show codes before and after; each of these messages is logged as read')
    .action(tryOut)
}

function days(text: string): number {
  const value = read.count(text)
  if (value < 1 || value > 3_650) throw read.unfit('It must be 1 to 3650.')
  return value
}

function trialLimit(text: string): number {
  const value = read.count(text)
  if (value < 1 || value > maxTrialMessages)
    throw read.unfit(`It must be 1 to ${maxTrialMessages}.`)
  return value
}

type Wanted = Reasoned & { pattern?: string; days: number; limit: number; show?: boolean }

function tryOut(slug: string, wanted: Wanted) {
  return withSession(
    async (session) => {
      const { db, by, now } = session
      const result = await tryRules(db, by(wanted.reason), {
        slug,
        pattern: wanted.pattern ?? null,
        since: new Date(now().getTime() - wanted.days * msADay),
        limit: wanted.limit,
        withCodes: wanted.show === true,
      })
      printReport(wanted, {
        service: slug,
        messages: result.messages,
        found: result.found,
        same_code: result.sameCode,
        other_code: result.otherCode,
        newly_found: result.newlyFound,
        no_longer_found: result.noLongerFound,
        differences: result.differences.map((one) => shownOf(session, one)),
      })
    },
    { patient: true },
  )
}

const shownOf = ({ ids }: Session, { messageId, kind, codes }: Difference) => ({
  message_id: ids.toToken('msg', messageId),
  kind,
  ...(codes ?? {}),
})

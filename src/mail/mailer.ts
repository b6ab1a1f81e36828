// Sends the mails that are queued: claims some, hands them to the carrier, and records what became of each.
import { join } from 'node:path'
import type { Config } from '../config.ts'
import {
  claimLetters,
  claimS,
  handOver,
  type Letter,
  postponeMail,
  releaseMails,
  settleMail,
} from '../core/people/letters.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../log.ts'
import type { Troubles } from '../trouble.ts'
import { bySmtp, type Carrier, type Patience, toFiles, usualPatience } from './carrier.ts'
import { factsOf, isOfThisMail, type OutcomeCounts, outcomeCounts, verdictOn } from './outcomes.ts'
import { mailOf } from './texts.ts'

export type Mailer = {
  /** Sends what is due. @returns how many mails were claimed; 0 if none is due */
  send(now: Date, platformName: string): Promise<number>
  /** What became of the mails that this process sent. */
  readonly counts: Pick<OutcomeCounts, 'all'>
  close(): void
}

const trouble = 'mails'

type Parts = {
  readonly config: Config
  readonly db: Database
  readonly log: Logger
  readonly troubles: Troubles
  readonly patience?: Patience
}

export function openMailer(parts: Parts): Mailer {
  const { config, db, log } = parts
  const { mailUrl, dataDir } = config
  const carrier =
    mailUrl === null
      ? toFiles(join(dataDir, 'outbox'), log)
      : bySmtp(mailUrl, parts.patience ?? usualPatience)
  const counts = outcomeCounts()
  const all = { ...parts, carrier, counts, from: config.mailFrom ?? defaultFrom(config) }
  return {
    counts,
    async send(now, platformName) {
      const { letters, claimed, unknown } = await claimLetters(db, now)
      if (unknown > 0) {
        counts.add('unknown', unknown)
        log.warn({ mails: unknown }, `${ofFate}: the process that sent them ended`)
      }
      const begun = performance.now()
      for (const [index, letter] of letters.entries()) {
        const goesOn = await deliver(all, letter, now, platformName)
        if (goesOn && performance.now() - begun < (claimS * 1000) / 2) continue
        // Nothing can be said of the others, or their claim would end while they are sent: they wait for the
        // next round, and have no attempt less.
        await releaseMails(db, now, letters.slice(index + 1))
        break
      }
      return claimed
    },
    close: carrier.close,
  }
}

const ofFate = 'it is not known whether mails were sent, and they are not sent again'

type Working = Parts & {
  readonly carrier: Carrier
  readonly counts: OutcomeCounts
  readonly from: string
}

/** Sends one mail. @returns false if the mail server cannot be used at present */
async function deliver(
  { db, log, troubles, carrier, counts, from }: Working,
  letter: Letter,
  now: Date,
  platformName: string,
): Promise<boolean> {
  let isHanded = false
  const last = async () => {
    isHanded = await handOver(db, now, letter)
    return isHanded
  }
  try {
    const mail = mailOf(letter, { name: platformName })
    await carrier.carry({ ...mail, from, to: letter.to, name: letter.name }, last)
  } catch (error) {
    const verdict = verdictOn(error, isHanded)
    const facts = { mail: letter.text, ...factsOf(error) }
    if (verdict !== 'refused')
      troubles.failed({ trouble, who: 'mail server', facts: factsOf(error) })
    if (verdict === 'refused') log.warn(facts, 'a mail was refused by its mail server')
    if (verdict === 'unknown') log.warn(facts, `${ofFate}: the mail server did not answer`)
    if (verdict !== 'postponed') await settleMail(db, letter.mailId)
    else if (!(await postponeMail(db, now, letter))) {
      counts.add('given_up')
      log.warn(facts, 'a mail was given up after many attempts')
      return isOfThisMail(error)
    }
    counts.add(verdict)
    return isOfThisMail(error)
  }
  troubles.worked(trouble)
  counts.add('sent')
  await settleMail(db, letter.mailId)
  return true
}

const defaultFrom = ({ publicUrl }: Config) =>
  `numlet@${(publicUrl === null ? null : URL.parse(publicUrl)?.hostname) ?? 'localhost'}`

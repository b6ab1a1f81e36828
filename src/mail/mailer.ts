// Sends the mails that are queued: claims some, hands them to the carrier, and records what became of each.
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { claimLetters, type Letter, postponeMail, settleMail } from '../core/people/letters.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../log.ts'
import type { Troubles } from '../trouble.ts'
import { bySmtp, toFiles } from './carrier.ts'
import { mailOf } from './texts.ts'

export type Mailer = {
  /** Sends what is due. @returns how many mails were claimed; 0 if none is due */
  send(now: Date, platformName: string): Promise<number>
  close(): void
}

const trouble = 'mails'

export function openMailer(parts: {
  readonly config: Config
  readonly db: Database
  readonly log: Logger
  readonly troubles: Troubles
}): Mailer {
  const { config, db, log, troubles } = parts
  const { mailUrl, dataDir } = config
  const carrier = mailUrl === null ? toFiles(join(dataDir, 'outbox'), log) : bySmtp(mailUrl)
  const from = config.mailFrom ?? defaultFrom(config)
  const deliver = async (letter: Letter, now: Date, platformName: string) => {
    try {
      const mail = mailOf(letter, { name: platformName })
      await carrier.carry({ ...mail, from, to: letter.to })
    } catch (error) {
      if (isRefusedForGood(error)) {
        await settleMail(db, letter.mailId)
        log.warn({ mail: letter.text, ...factsOf(error) }, 'a mail was refused by its mail server')
        return
      }
      troubles.failed({ trouble, who: 'mail server', facts: factsOf(error) })
      if (!(await postponeMail(db, now, letter)))
        log.warn({ mail: letter.text }, 'a mail was given up after many attempts')
      return
    }
    troubles.worked(trouble)
    await settleMail(db, letter.mailId)
  }
  return {
    async send(now, platformName) {
      const { letters, claimed } = await claimLetters(db, now)
      for (const letter of letters) await deliver(letter, now, platformName)
      return claimed
    },
    close: carrier.close,
  }
}

/** The mail server refuses the recipient, and will again. */
const isRefusedForGood = (error: unknown) => {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number }
  return code === 'EENVELOPE' && responseCode >= 500
}

/** @NOTE not the message: it may have the address */
function factsOf(error: unknown) {
  const { code = 'unknown', responseCode = null } = error as {
    code?: string
    responseCode?: number
  }
  return { code, response: responseCode }
}

const defaultFrom = ({ publicUrl }: Config) =>
  `numlet@${(publicUrl === null ? null : URL.parse(publicUrl)?.hostname) ?? 'localhost'}`

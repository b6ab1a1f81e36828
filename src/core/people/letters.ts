// Mails as they are sent: claimed from the queue, made into letters with their links, and settled.
import type { Database, Tx } from '../../db/database.ts'
import { firstLanguage, type Language } from './language.ts'
import { linkUrl, makeLink, renewInvitation } from './links.ts'
import type { MailKind } from './mails.ts'
import { factsOfNotice, isNotice, type NoticeKind } from './notices.ts'
import { userByEmail } from './users.ts'

/** What a letter says: which text, and what goes into it. */
export type Letter = {
  readonly mailId: bigint
  readonly attempts: number
  /** One that no other mail has, and that sorts by time. */
  readonly name: string
  readonly to: string
  readonly text: LetterKind
  readonly language: Language
  /** What it leads to. */
  readonly url: string
  readonly facts: Readonly<Record<string, string | null>>
}

/** A sign-up for an address of a user has a text of its own. */
export type LetterKind = Exclude<MailKind, 'sign_up'> | 'verify' | 'known_address'

const mailsAClaim = 20
/** How long a claimed mail belongs to the process that sends it. */
export const claimS = 120
/** For so many attempts, about two days, a mail is tried. */
export const maxMailAttempts = 14
const maxWaitS = 6 * 60 * 60

type MailRow = {
  id: bigint
  kind: MailKind
  email: string
  facts: Record<string, string | null>
  origin: string
  account_id: number | null
  attempts: number
  created_at: Date
  handed_at: Date | null
}

type Claimed = {
  readonly letters: readonly Letter[]
  readonly claimed: number
  readonly unknown: number
}

/** Claims mails that are due, and makes letters of them. Those that are for nobody are dropped.
 * @returns the letters, how many mails were claimed, and of how many nobody knows whether they were sent */
export function claimLetters(db: Database, now: Date): Promise<Claimed> {
  return db.begin(async (tx) => {
    const rows = await tx.query<MailRow>(
      `update mails set attempts = attempts + 1, claimed_until = $2
        where id in (select id from mails
          where due_at <= $1 and (claimed_until is null or claimed_until <= $1)
          order by due_at limit ${mailsAClaim} for update skip locked)
        returning id, kind, email, facts, origin, account_id, attempts, created_at, handed_at`,
      [now, new Date(now.getTime() + claimS * 1000)],
    )
    const letters: Letter[] = []
    const handed = rows.filter(({ handed_at: at }) => at !== null)
    for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const letter = handed.includes(row) ? null : await letterOf(tx, now, row)
      if (letter) letters.push(letter)
      else await settleMail(tx, row.id)
    }
    return { letters, claimed: rows.length, unknown: handed.length }
  })
}

/** Where notices lead. */
const noticePaths = {
  low_balance: '/app/wallet',
  deposit_credited: '/app/wallet',
  rental_ending: '/app/rentals',
} as const satisfies Record<NoticeKind, string>

/** @returns null if there is nobody to write to */
async function letterOf(tx: Tx, now: Date, mail: MailRow): Promise<Letter | null> {
  const { id: mailId, kind, email: to, facts, origin, attempts } = mail
  const user = await userByEmail(tx, to)
  const name = `${mail.created_at.toISOString().replace(/[:.]/g, '-')}-${mailId}`
  const language = firstLanguage([user?.locale, user?.language, facts.language])
  const known = { mailId, attempts, name, to, language }
  if (kind === 'sign_up') {
    if (user) return { ...known, text: 'known_address', url: `${origin}/app/sign-in`, facts: {} }
    const { name: called = null, password = null } = facts
    const wanted = { purpose: 'verify', email: to, name: called, password } as const
    const { token } = await makeLink(tx, now, wanted)
    const url = linkUrl(origin, 'verify', token)
    return { ...known, text: 'verify', url, facts: { name: called } }
  }
  if (kind === 'invitation') {
    const token = await renewInvitation(tx, now, { accountId: mail.account_id, email: to })
    if (token === null) return null
    return { ...known, text: kind, url: linkUrl(origin, 'invite', token), facts }
  }
  if (!user || user.isSuspended) return null
  if (kind === 'reset') {
    const { token } = await makeLink(tx, now, { purpose: 'reset', userId: user.id, email: to })
    return { ...known, text: 'reset', url: linkUrl(origin, 'reset', token), facts: {} }
  }
  if (isNotice(kind)) {
    const accountId = mail.account_id
    const about = await factsOfNotice(tx, now, { kind, accountId, email: to, facts })
    return about && { ...known, text: kind, url: `${origin}${noticePaths[kind]}`, facts: about }
  }
  return { ...known, text: kind, url: `${origin}/app/settings/security`, facts }
}

/** Notes that the last byte of a mail is about to be sent: from now on it may have been. The claim is made
 * longer, so that the answer is awaited within it.
 * @returns false if somebody else sends it */
export async function handOver(
  db: Database,
  now: Date,
  { mailId, attempts }: Letter,
): Promise<boolean> {
  const rows = await db.once(
    `update mails set handed_at = $3, claimed_until = $4
      where id = $1 and attempts = $2 and handed_at is null returning id`,
    [mailId, attempts, now, new Date(now.getTime() + 2 * claimS * 1000)],
  )
  return rows.length > 0
}

/** Forgets a mail that was sent, or that is for nobody. */
export async function settleMail(db: Pick<Database, 'query'>, mailId: bigint): Promise<void> {
  await db.query('delete from mails where id = $1', [mailId])
}

/** Has a mail tried again, each time later. @returns false if it was given up */
export async function postponeMail(
  db: Database,
  now: Date,
  { mailId, attempts }: Letter,
): Promise<boolean> {
  if (attempts >= maxMailAttempts) {
    await db.query('delete from mails where id = $1 and attempts = $2', [mailId, attempts])
    return false
  }
  const waitS = Math.min(maxWaitS, 15 * 2 ** attempts)
  await db.once(
    `update mails set due_at = $3, claimed_until = null, handed_at = null
      where id = $1 and attempts = $2`,
    [mailId, attempts, new Date(now.getTime() + waitS * 1000)],
  )
  return true
}

/** How long mails wait that were claimed while the mail server could not be used. */
const releasedS = 15

/** Gives claimed mails back that were not tried. */
export async function releaseMails(
  db: Database,
  now: Date,
  letters: readonly Letter[],
): Promise<void> {
  if (letters.length === 0) return
  await db.once(
    `update mails m set attempts = m.attempts - 1, claimed_until = null, due_at = $3
       from unnest($1::bigint[], $2::int[]) as u(id, attempts)
      where m.id = u.id and m.attempts = u.attempts and m.handed_at is null`,
    [
      letters.map(({ mailId }) => mailId),
      letters.map(({ attempts }) => attempts),
      new Date(now.getTime() + releasedS * 1000),
    ],
  )
}

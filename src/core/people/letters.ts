// Mails as they are sent: claimed from the queue, made into letters with their links, and settled.
import type { Database, Tx } from '../../db/database.ts'
import { linkUrl, makeLink, renewInvitation } from './links.ts'
import type { MailKind } from './mails.ts'
import { userByEmail } from './users.ts'

/** What a letter says: which text, and what goes into it. */
export type Letter = {
  readonly mailId: bigint
  readonly attempts: number
  readonly to: string
  readonly text: LetterKind
  /** What it leads to. */
  readonly url: string
  readonly facts: Readonly<Record<string, string | null>>
}

/** A sign-up for an address of a user has a text of its own. */
export type LetterKind = Exclude<MailKind, 'sign_up'> | 'verify' | 'known_address'

const mailsAClaim = 20
/** How long a claimed mail belongs to the process that sends it. */
const claimS = 120
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
}

/** Claims mails that are due, and makes letters of them. Those that are for nobody are dropped.
 * @returns the letters, and how many mails were claimed */
export function claimLetters(
  db: Database,
  now: Date,
): Promise<{ readonly letters: readonly Letter[]; readonly claimed: number }> {
  return db.begin(async (tx) => {
    const rows = await tx.query<MailRow>(
      `update mails set attempts = attempts + 1, claimed_until = $2
        where id in (select id from mails
          where due_at <= $1 and (claimed_until is null or claimed_until <= $1)
          order by due_at limit ${mailsAClaim} for update skip locked)
        returning id, kind, email, facts, origin, account_id, attempts`,
      [now, new Date(now.getTime() + claimS * 1000)],
    )
    const letters: Letter[] = []
    for (const row of rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const letter = await letterOf(tx, now, row)
      if (letter) letters.push(letter)
      else await settleMail(tx, row.id)
    }
    return { letters, claimed: rows.length }
  })
}

/** @returns null if there is nobody to write to */
async function letterOf(tx: Tx, now: Date, mail: MailRow): Promise<Letter | null> {
  const { id: mailId, kind, email: to, facts, origin, attempts } = mail
  const user = await userByEmail(tx, to)
  const known = { mailId, attempts, to }
  if (kind === 'sign_up') {
    if (user) return { ...known, text: 'known_address', url: `${origin}/app/sign-in`, facts: {} }
    const { name = null, password = null } = facts
    const { token } = await makeLink(tx, now, { purpose: 'verify', email: to, name, password })
    return { ...known, text: 'verify', url: linkUrl(origin, 'verify', token), facts: { name } }
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
  return { ...known, text: kind, url: `${origin}/app/settings`, facts }
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
    await settleMail(db, mailId)
    return false
  }
  const waitS = Math.min(maxWaitS, 15 * 2 ** attempts)
  await db.once('update mails set due_at = $2, claimed_until = null where id = $1', [
    mailId,
    new Date(now.getTime() + waitS * 1000),
  ])
  return true
}

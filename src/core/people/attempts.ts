// Slowing down who guesses: attempts are counted by network and by mail address, in the database, for all
// servers. Addresses of nobody are counted like those of users.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { hashOf } from '../accounts/key.ts'
import { DomainError } from '../error.ts'

/** How one kind of attempt is slowed. */
type Slowing = {
  /** Attempts that nothing slows. */
  readonly free: number
  /** The wait after the first attempt beyond them. It doubles with each. */
  readonly firstS: number
  readonly maxS: number
}

/** By the address of a user: a stranger who guesses must not lock its user out for long. */
const byEmail: Slowing = { free: 5, firstS: 1, maxS: 5 * 60 }
/** By network: many people may share one. */
const byNetwork: Slowing = { free: 20, firstS: 2, maxS: 15 * 60 }

/** Mails that anybody can have sent to an address, and from a network. */
const mailsByEmail: Slowing = { free: 3, firstS: 5 * 60, maxS: 6 * 60 * 60 }
const mailsByNetwork: Slowing = { free: 20, firstS: 60, maxS: 60 * 60 }

/** Codes of a second factor: who tries them has signed in, so no stranger can lock the user out. */
const codesByUser: Slowing = { free: 5, firstS: 2, maxS: 30 * 60 }

/** Challenges for passkeys that a network asks for: nothing can be guessed by them, but each takes a row. */
const challengesByNetwork: Slowing = { free: 60, firstS: 1, maxS: 60 }

/** After so long without an attempt the count begins anew. */
const forgottenS = 24 * 60 * 60
/** From so many wrong passwords on, the user is told. */
const toldAt = 10

/** Who tries what: the names under which an attempt is counted. */
export type Attempt = { readonly email: string; readonly network: string }

/** What an address is counted under. It is hashed: most of them may be nobody's. */
const emailName = (purpose: string, email: string) =>
  `${purpose} email ${hashOf(email).subarray(0, 16).toString('hex')}`
const networkName = (purpose: string, network: string) =>
  `${purpose} network ${network}`.slice(0, 100)

/**
 * Counts an attempt to sign in before the password is checked, so that attempts at the same time count as
 * well.
 * @returns whether the user, if there is one, is to be told of the attempts now
 * @throws too_many_attempts
 */
export async function claimAttempt(
  tx: Tx,
  now: Date,
  { email, network }: Attempt,
): Promise<{ isToTell: boolean }> {
  await count(tx, now, networkName('sign-in', network), byNetwork)
  const name = emailName('sign-in', email)
  if ((await count(tx, now, name, byEmail)) < toldAt) return { isToTell: false }
  return { isToTell: await tell(tx, now, name) }
}

/**
 * Counts a request that sends a mail to an address.
 * @returns whether to send it. The caller is not told: they may be a stranger who wants to fill a mailbox
 * @throws too_many_attempts from a network
 */
export async function claimMail(tx: Tx, now: Date, { email, network }: Attempt): Promise<boolean> {
  await count(tx, now, networkName('mail', network), mailsByNetwork)
  try {
    await count(tx, now, emailName('mail', email), mailsByEmail)
    return true
  } catch (error) {
    if (error instanceof DomainError && error.code === 'too_many_attempts') return false
    throw error
  }
}

/**
 * Counts an attempt to give a second factor, in the same way.
 * @returns whether the user is to be told of the attempts now
 * @throws too_many_attempts
 */
export async function claimCode(
  tx: Tx,
  now: Date,
  { email, network }: Attempt,
): Promise<{ isToTell: boolean }> {
  await count(tx, now, networkName('code', network), byNetwork)
  const name = emailName('code', email)
  return {
    isToTell: (await count(tx, now, name, codesByUser)) >= toldAt && (await tell(tx, now, name)),
  }
}

/** The code was right. */
export async function settleCode(tx: Tx, { email, network }: Attempt): Promise<void> {
  await giveBack(tx, networkName('code', network))
  await tx.query('delete from attempts where name = $1', [emailName('code', email)])
}

/** Counts a request for a challenge to sign in by a passkey. @throws too_many_attempts */
export async function claimPasskey(tx: Tx, now: Date, network: string): Promise<void> {
  await count(tx, now, networkName('passkey', network), challengesByNetwork)
}

/** The passkey was right. */
export const settlePasskey = (tx: Tx, network: string): Promise<void> =>
  giveBack(tx, networkName('passkey', network))

/** Notes that a user is told of attempts. @returns false if it was noted before */
async function tell(tx: Tx, now: Date, name: string): Promise<boolean> {
  const told = await tx.query(
    'update attempts set told_at = $2 where name = $1 and told_at is null returning 1 as yes',
    [name, now],
  )
  return told.length > 0
}

/** The password was right: the address begins anew, and the network gets its attempt back. */
export async function settleAttempt(db: Queryable, { email, network }: Attempt): Promise<void> {
  await giveBack(db, networkName('sign-in', network))
  await forgetAttempts(db, email)
}

/** An attempt that succeeded does not count for its network. */
async function giveBack(db: Queryable, name: string): Promise<void> {
  await db.query(
    `update attempts set count = greatest(0, count - 1), blocked_until = null where name = $1`,
    [name],
  )
}

/** A new password was set: what was guessed before does not count any more. */
export async function forgetAttempts(db: Queryable, email: string): Promise<void> {
  await db.query('delete from attempts where name = $1', [emailName('sign-in', email)])
}

/** @returns the attempts with this one @throws too_many_attempts */
async function count(tx: Tx, now: Date, name: string, slowing: Slowing): Promise<number> {
  await tx.query(
    `insert into attempts (name, count, ends_at) values ($1, 0, $2)
     on conflict (name) do nothing`,
    [name, now],
  )
  const [row] = await tx.query<{ count: number; blocked_until: Date | null; ends_at: Date }>(
    'select count, blocked_until, ends_at from attempts where name = $1 for update',
    [name],
  )
  // The job has deleted it between the two statements.
  if (!row) return count(tx, now, name, slowing)
  if (row.blocked_until && row.blocked_until > now) throw tooMany(row.blocked_until, now)
  const isNew = row.ends_at <= now
  const attempts = isNew ? 1 : row.count + 1
  const beyond = attempts - slowing.free
  const waitS = beyond < 0 ? 0 : Math.min(slowing.maxS, slowing.firstS * 2 ** Math.min(beyond, 20))
  await tx.query(
    `update attempts set count = $2, blocked_until = $3, ends_at = $4,
            told_at = case when $5 then null else told_at end
      where name = $1`,
    [name, attempts, waitS === 0 ? null : after(now, waitS), after(now, forgottenS), isNew],
  )
  return attempts
}

const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000)

export function tooMany(until: Date, now: Date): DomainError {
  const seconds = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000))
  return new DomainError(
    'too_many_attempts',
    `There were too many attempts. Try again in ${seconds} seconds.`,
    { retryAfterS: seconds },
  )
}

/** Deletes counts that are over. @returns the number deleted; 5,000 means that there may be more */
export async function forgetOldAttempts(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `delete from attempts where name in (select name from attempts where ends_at <= $1
       limit 5000 for update skip locked) returning 1 as yes`,
    [now],
  )
  return rows.length
}

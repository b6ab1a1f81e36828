// Signing up, and setting a new password: by links that are mailed. What is asked for an address does the
// same whether or not there is a user with it: a mail is queued, and what it says is found when it is sent
// (letters.ts).
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { accountByEmail, createAccount } from '../accounts/accounts.ts'
import { baseCurrency } from '../catalog/rates.ts'
import { DomainError } from '../error.ts'
import { within } from '../operator-log.ts'
import type { SignUpMode } from '../settings.ts'
import { claimMail, forgetAttempts } from './attempts.ts'
import { linkNotValid, readLink, useLink } from './links.ts'
import { queueMail } from './mails.ts'
import type { Passwords } from './password.ts'
import { assertAcceptable } from './password-rules.ts'
import { type Begun, endSessions } from './sessions.ts'
import { enter, type From } from './sign-in.ts'
import { addMembership, createUser, lockUser, setPassword, userByEmail } from './users.ts'

/** From where somebody asks for a mail with a link. */
export type Asking = From & { readonly origin: string }

/** Asks for a user. Nothing is created before somebody has followed the link in the mail.
 * @throws invalid_request, sign_up_closed, too_many_attempts, rate_limited */
export async function requestSignUp(
  db: Database,
  checker: Passwords,
  now: Date,
  wanted: {
    readonly mode: SignUpMode
    readonly email: string
    readonly name: string
    readonly password: string
    readonly from: Asking
  },
): Promise<void> {
  const { mode, email, name, password, from } = wanted
  if (mode !== 'open')
    throw new DomainError(
      'sign_up_closed',
      mode === 'invitation'
        ? 'New users need an invitation on this platform.'
        : 'This platform takes no new users.',
    )
  assertAcceptable(password, email)
  const stored = await checker.hash(password)
  await db.begin(async (tx) => {
    if (!(await claimMail(tx, now, { email, network: from.network }))) return
    const facts = { name, password: stored }
    const { origin, language } = from
    await queueMail(tx, now, { kind: 'sign_up', email, origin, language, facts })
  })
}

/** Creates the user that a sign-up asked for, with an account of their own, and begins a session.
 * @throws link_not_valid */
export function verify(db: Database, now: Date, token: string, from: From): Promise<Begun> {
  return db.begin(async (tx) => {
    const { email, name, password } = await useLink(tx, now, 'verify', token)
    // Another link of the same address has been used.
    if (email === null || (await userByEmail(tx, email))) throw linkNotValid()
    const userId = await createUser(tx, now, { email, name, password, verifiedAt: now })
    const accountId = await accountFor(tx, { email, name: name ?? '' })
    if (accountId !== null) await addMembership(tx, now, { userId, accountId, role: 'owner' })
    return enter(tx, now, { userId, accountId, from })
  })
}

/** A new account; or the one that the operator has made for the address, if nobody belongs to it yet.
 * @returns null if that one is other people's */
async function accountFor(
  tx: Tx,
  one: { readonly email: string; readonly name: string },
): Promise<number | null> {
  const known = await accountByEmail(tx, one.email)
  if (known === null)
    return (await createAccount(within(tx), { ...one, currency: baseCurrency })).id
  await tx.query('select 1 from accounts where id = $1 for no key update', [known])
  return (await hasMembers(tx, known)) ? null : known
}

/** Whether anybody belongs to an account. */
export async function hasMembers(db: Queryable, accountId: number): Promise<boolean> {
  const rows = await db.query('select 1 as yes from memberships where account_id = $1 limit 1', [
    accountId,
  ])
  return rows.length > 0
}

/** Asks for a link that sets a new password. @throws too_many_attempts */
export async function requestReset(
  db: Database,
  now: Date,
  email: string,
  from: Asking,
): Promise<void> {
  await db.begin(async (tx) => {
    if (await claimMail(tx, now, { email, network: from.network }))
      await queueMail(tx, now, {
        kind: 'reset',
        email,
        origin: from.origin,
        language: from.language,
      })
  })
}

/** Sets a new password by a link. All sessions of the user end, and a new one begins.
 * @throws link_not_valid, invalid_request, rate_limited, account_suspended */
export async function reset(
  db: Database,
  checker: Passwords,
  now: Date,
  wanted: { readonly token: string; readonly password: string; readonly from: From },
): Promise<Begun> {
  const { token, password, from } = wanted
  const link = await readLink(db, now, 'reset', token)
  assertAcceptable(password, link.email ?? '')
  const stored = await checker.hash(password)
  return db.begin(async (tx) => {
    const { userId } = await useLink(tx, now, 'reset', token)
    const user = userId === null ? undefined : await lockUser(tx, userId)
    if (!user) throw linkNotValid()
    await setPassword(tx, user.id, stored)
    await tx.query('update users set verified_at = coalesce(verified_at, $2) where id = $1', [
      user.id,
      now,
    ])
    await forgetAttempts(tx, user.email)
    // Older mails must not undo this.
    await tx.query(
      `update one_time_links set used_at = $2 where user_id = $1 and purpose = 'reset' and used_at is null`,
      [user.id, now],
    )
    await endSessions(tx, now, user.id)
    return enter(tx, now, { userId: user.id, from })
  })
}

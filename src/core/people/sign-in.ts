// Signing in: by password, and by a one-time link.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimAttempt, settleAttempt } from './attempts.ts'
import { linkNotValid, useLink } from './links.ts'
import { queueMail } from './mails.ts'
import type { Passwords } from './password.ts'
import { type Begun, beginSession, type Whereabouts } from './sessions.ts'
import { lockUser, userByEmail } from './users.ts'

/** From where somebody signs in, as far as it matters here. */
export type From = Whereabouts & {
  /** The address, or the network that one customer has. */
  readonly network: string
  /** The origin of links in mails; null if none can be trusted. */
  readonly origin: string | null
}

const wrong = () =>
  new DomainError('wrong_credentials', 'The e-mail address or the password is wrong.')

/** Begins a session for whoever knows a user's password. For an address of nobody it does the same work.
 * @throws wrong_credentials, too_many_attempts, rate_limited, account_suspended if the user is suspended */
export async function signIn(
  db: Database,
  checker: Passwords,
  now: Date,
  wanted: { readonly email: string; readonly password: string; readonly from: From },
): Promise<Begun> {
  const { email, password, from } = wanted
  const attempt = { email, network: from.network }
  const user = await db.begin(async (tx) => {
    const { isToTell } = await claimAttempt(tx, now, attempt)
    if (isToTell && from.origin !== null)
      await queueMail(tx, now, { kind: 'guessing', email, origin: from.origin })
    return userByEmail(tx, email)
  })
  const isRight = await checker.matches(password, user?.password ?? null)
  if (!user || !isRight) throw wrong()
  return db.begin(async (tx) => {
    const current = await lockUser(tx, user.id)
    // Somebody changed the password meanwhile, or erased the user.
    if (!current || current.password !== user.password) throw wrong()
    await settleAttempt(tx, attempt)
    return enter(tx, now, { userId: user.id, from })
  })
}

/** Begins a session for whoever has a sign-in link. @throws link_not_valid, account_suspended */
export function signInByLink(db: Database, now: Date, token: string, from: From): Promise<Begun> {
  return db.begin(async (tx) => {
    const link = await useLink(tx, now, 'sign_in', token)
    if (link.userId === null) throw linkNotValid()
    return enter(tx, now, { userId: link.userId, accountId: link.accountId, from })
  })
}

/** Begins a session of a user who has shown who they are; they are told if the device is a new one.
 * @throws account_suspended */
export async function enter(
  tx: Tx,
  now: Date,
  one: {
    readonly userId: number
    readonly accountId?: number | null
    readonly secondFactorAt?: Date | null
    readonly from: From
  },
): Promise<Begun> {
  const user = await lockUser(tx, one.userId)
  if (!user) throw linkNotValid()
  if (user.isSuspended) throw new DomainError('account_suspended', 'The user is suspended.')
  const { userId, from } = one
  if (from.origin !== null && (await isNewDevice(tx, userId, from.device)))
    await queueMail(tx, now, {
      kind: 'new_sign_in',
      email: user.email,
      userId,
      origin: from.origin,
      facts: { device: from.device, address: from.address, at: now.toISOString() },
    })
  const { accountId = null, secondFactorAt = null } = one
  return beginSession(tx, now, { ...from, userId, accountId, secondFactorAt })
}

/** Whether the user has had sessions, and none with such a program. */
async function isNewDevice(db: Queryable, userId: number, device: string): Promise<boolean> {
  const [row] = await db.query<{ is_new: boolean }>(
    `select count(*) > 0 and not coalesce(bool_or(device = $2), false) as is_new
       from sessions where user_id = $1`,
    [userId, device],
  )
  return row?.is_new === true
}

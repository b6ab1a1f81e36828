// The second factor of users: an authenticator, and recovery codes in its place.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { VaultSource } from '../vault/keys.ts'
import { secretKeeper } from '../vault/secret-keeper.ts'
import { claimCode, settleCode } from './attempts.ts'
import { queueMail } from './mails.ts'
import { needsSecondFactor, type Person } from './person.ts'
import { forgetRecoveryCodes, replaceRecoveryCodes, useRecoveryCode } from './recovery-codes.ts'
import { notSignedIn, renewToken } from './sessions.ts'
import type { From } from './sign-in.ts'
import { isTotpForm, newTotpSecret, stepOfCode } from './totp.ts'
import { lockUser } from './users.ts'

/** A new authenticator, until a code confirms it. Only this answer has the secret. */
export type PendingTotp = { readonly secret: string }

export type SecondFactors = {
  /** Begins to set up an authenticator. Safe to repeat: each time there is a new secret.
   * @throws invalid_request if there is a confirmed one */
  beginTotp(person: Person): Promise<PendingTotp>
  /** Confirms it by a code. @returns new recovery codes
   * @throws invalid_request, wrong_credentials, too_many_attempts */
  confirmTotp(person: Person, code: string, from: From): Promise<string[]>
  /** Removes the authenticator. Safe to repeat. */
  removeTotp(person: Person, from: From): Promise<void>
  /** Replaces the recovery codes. @throws invalid_request if there is no second factor */
  newRecoveryCodes(person: Person, from: From): Promise<string[]>
  /** Gives the second factor in a session: a code of the authenticator, or a recovery code.
   * @returns the session's new token, if it could do nothing until now
   * @throws invalid_request, wrong_credentials, too_many_attempts, not_signed_in */
  give(person: Person, code: string, from: From): Promise<{ readonly token: string | null }>
}

type Parts = { readonly db: Database; readonly clock: () => Date; readonly vaults: VaultSource }

/** Composes the verbs on second factors. */
export function secondFactorVerbs({ db, clock, vaults }: Parts): SecondFactors {
  const keeper = secretKeeper(vaults)
  const totpOf = async (userId: number): Promise<Totp | null> => {
    const stored = await storedTotp(db, userId)
    return stored && { ...stored, secret: await keeper.read(stored.sealed) }
  }
  return {
    async beginTotp({ user }) {
      const secret = newTotpSecret()
      await vaults.openOrMake()
      await storePending(db, user.id, await keeper.keep(secret))
      return { secret }
    },
    async confirmTotp(person, code, from) {
      const now = clock()
      await claimFactor(db, now, person, from)
      const totp = await totpOf(person.user.id)
      if (!totp || totp.isConfirmed) throw nothingToConfirm()
      return db.begin((tx) => confirm(tx, now, { person, totp, code: trimmed(code), from }))
    },
    removeTotp: (person, from) => db.begin((tx) => remove(tx, clock(), person, from)),
    newRecoveryCodes: (person, from) => db.begin((tx) => renewCodes(tx, clock(), person, from)),
    async give(person, code, from) {
      if (person.user.secondFactors.length === 0)
        throw new DomainError('invalid_request', 'You have no second factor.')
      const now = clock()
      await claimFactor(db, now, person, from)
      const totp = await totpOf(person.user.id)
      return db.begin((tx) => give(tx, now, { person, totp, code: trimmed(code), from }))
    },
  }
}

type StoredTotp = {
  readonly sealed: string
  readonly isConfirmed: boolean
}
type Totp = StoredTotp & { readonly secret: string }
type Given = {
  readonly person: Person
  readonly code: string
  readonly from: From
}

/** A code without the blanks that it may be shown with. */
const trimmed = (code: string) => code.replace(/\s/g, '')

async function storedTotp(db: Queryable, userId: number): Promise<StoredTotp | null> {
  const [row] = await db.query<StoredTotp>(
    `select totp_secret as sealed, totp_confirmed_at is not null as "isConfirmed"
       from users where id = $1 and totp_secret is not null`,
    [userId],
  )
  return row ?? null
}

async function storePending(db: Database, userId: number, sealed: string): Promise<void> {
  const rows = await db.once(
    `update users set totp_secret = $2, totp_last_step = null
      where id = $1 and totp_confirmed_at is null returning id`,
    [userId, sealed],
  )
  if (rows.length === 0)
    throw new DomainError(
      'invalid_request',
      'You have an authenticator. Remove it before you set up another one.',
    )
}

/** Counts an attempt before the factor is checked. @throws too_many_attempts */
export function claimFactor(db: Database, now: Date, { user }: Person, from: From): Promise<void> {
  return db.begin(async (tx) => {
    const { isToTell } = await claimCode(tx, now, { email: user.email, network: from.network })
    if (isToTell) await tell(tx, now, 'code_guessing', user, from)
  })
}

async function confirm(tx: Tx, now: Date, given: Given & { totp: Totp }): Promise<string[]> {
  const { person, totp, from } = given
  const { id } = person.user
  await useTotp(tx, now, given)
  const rows = await tx.query(
    `update users set totp_confirmed_at = $2
      where id = $1 and totp_confirmed_at is null returning id`,
    [id, now],
  )
  if (rows.length === 0 || totp.isConfirmed) throw nothingToConfirm()
  await settleCode(tx, { email: person.user.email, network: from.network })
  await noteFactor(tx, now, person)
  await tell(tx, now, 'factor_added', person.user, from)
  return replaceRecoveryCodes(tx, id)
}

async function give(
  tx: Tx,
  now: Date,
  given: Given & { totp: Totp | null },
): Promise<{ token: string | null }> {
  const { person, totp, code, from } = given
  if (isTotpForm(code)) {
    if (!totp?.isConfirmed) throw wrongCode()
    await useTotp(tx, now, { ...given, totp })
  } else {
    const { id: userId } = person.user
    await lockUser(tx, userId)
    if (!(await useRecoveryCode(tx, now, { userId, code }))) throw wrongCode()
    await tell(tx, now, 'recovery_code_used', person.user, from)
  }
  await settleCode(tx, { email: person.user.email, network: from.network })
  await noteFactor(tx, now, person)
  // @NOTE what the session may do has changed: whoever knew the token before must not know this one
  return { token: needsSecondFactor(person) ? await renewToken(tx, person.sessionId) : null }
}

/** Accepts a code of the authenticator once, for all servers: its step is kept. @throws wrong_credentials */
async function useTotp(
  tx: Tx,
  now: Date,
  { person, totp, code }: Given & { totp: Totp },
): Promise<void> {
  const [row] = await tx.query<{ sealed: string | null; last_step: bigint | null }>(
    'select totp_secret as sealed, totp_last_step as last_step from users where id = $1 for no key update',
    [person.user.id],
  )
  // Another secret has taken its place meanwhile.
  if (!row || row.sealed !== totp.sealed) throw wrongCode()
  const lastStep = row.last_step === null ? null : Number(row.last_step)
  const step = stepOfCode({ secret: totp.secret, code, lastStep }, now)
  if (step === null) throw wrongCode()
  await tx.query('update users set totp_last_step = $2 where id = $1', [person.user.id, step])
}

/** Notes that the second factor was given in a session. @throws not_signed_in if it has ended */
export async function noteFactor(tx: Tx, now: Date, { sessionId }: Person): Promise<void> {
  const rows = await tx.query(
    'update sessions set second_factor_at = $2 where id = $1 and ended_at is null returning id',
    [sessionId, now],
  )
  if (rows.length === 0) throw notSignedIn()
}

async function remove(tx: Tx, now: Date, { user }: Person, from: From): Promise<void> {
  await lockUser(tx, user.id)
  const rows = await tx.query<{ had: boolean }>(
    `update users u set totp_secret = null, totp_confirmed_at = null, totp_last_step = null
       from users old where u.id = $1 and old.id = u.id and u.totp_secret is not null
     returning old.totp_confirmed_at is not null as had`,
    [user.id],
  )
  await forgetUselessCodes(tx, user.id)
  if (rows[0]?.had) await tell(tx, now, 'factor_removed', user, from)
}

/** Forgets the recovery codes of a user who has no second factor any more. */
export async function forgetUselessCodes(tx: Tx, userId: number): Promise<void> {
  if (!(await hasFactor(tx, userId))) await forgetRecoveryCodes(tx, userId)
}

async function renewCodes(tx: Tx, now: Date, { user }: Person, from: From): Promise<string[]> {
  await lockUser(tx, user.id)
  if (!(await hasFactor(tx, user.id)))
    throw new DomainError(
      'invalid_request',
      'Recovery codes stand in for a second factor; add one.',
    )
  await tell(tx, now, 'recovery_codes_made', user, from)
  return replaceRecoveryCodes(tx, user.id)
}

/** Whether a user has a second factor. */
export async function hasFactor(db: Queryable, userId: number): Promise<boolean> {
  const rows = await db.query(
    `select 1 as yes from users u where u.id = $1 and (u.totp_confirmed_at is not null
       or exists (select from passkeys p where p.user_id = u.id))`,
    [userId],
  )
  return rows.length > 0
}

type Told =
  | 'code_guessing'
  | 'factor_added'
  | 'factor_removed'
  | 'recovery_code_used'
  | 'recovery_codes_made'
  | 'passkey_copied'

/** Removes every second factor of a user, and the recovery codes. @returns whether there was one */
export async function removeFactors(tx: Tx, userId: number): Promise<boolean> {
  await lockUser(tx, userId)
  const had = await hasFactor(tx, userId)
  await tx.query(
    `update users set totp_secret = null, totp_confirmed_at = null, totp_last_step = null where id = $1`,
    [userId],
  )
  await tx.query('delete from passkeys where user_id = $1', [userId])
  await forgetRecoveryCodes(tx, userId)
  return had
}

/** Tells a user by mail what happened to their second factor. */
export async function tell(
  tx: Tx,
  now: Date,
  kind: Told,
  user: Pick<Person['user'], 'id' | 'email'>,
  { origin, language, device, address }: Omit<From, 'network'>,
): Promise<void> {
  if (origin === null) return
  const facts = { device, address, at: now.toISOString() }
  await queueMail(tx, now, { kind, email: user.email, userId: user.id, origin, language, facts })
}

const wrongCode = () =>
  new DomainError('wrong_credentials', 'The code is wrong, or it has been used.', {
    fields: [{ pointer: '/code', detail: 'is wrong, or has been used' }],
  })

const nothingToConfirm = () =>
  new DomainError('invalid_request', 'There is no authenticator to confirm: begin to set one up.')

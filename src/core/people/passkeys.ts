// The passkeys of users: registered, listed, renamed and removed.

import { randomBytes } from 'node:crypto'
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { invalid } from '../accounts/accounts.ts'
import { DomainError } from '../error.ts'
import { makeChallenge, useChallenge } from './challenges.ts'
import {
  type CreationOptions,
  challengeIn,
  creationOptions,
  type MadeKey,
  madeKey,
  type Named,
  type NewCredential,
  type PasskeySite,
  type StoredKey,
  type Use,
} from './passkey.ts'
import type { Person } from './person.ts'
import { replaceRecoveryCodes } from './recovery-codes.ts'
import { forgetUselessCodes, hasFactor, noteFactor, tell } from './second-factor.ts'
import type { From } from './sign-in.ts'
import { lockUser } from './users.ts'

/** More than anybody has devices; lists of them stay short. */
export const maxPasskeys = 20

/** A passkey as its user sees it. */
export type Passkey = {
  readonly id: number
  readonly name: string
  /** Whether other devices of the user have it, too. */
  readonly isBackedUp: boolean
  /** The name of the site that it was made for; null: not known. */
  readonly host: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

const columns = `id, name, is_backed_up as "isBackedUp", host, created_at as "createdAt",
  last_used_at as "lastUsedAt"`

/** A user's passkeys, the oldest first. */
export const listPasskeys = (db: Queryable, userId: number): Promise<Passkey[]> =>
  db.query<Passkey>(
    `select ${columns} from passkeys where user_id = $1 order by id limit ${maxPasskeys}`,
    [userId],
  )

/** Begins to register a passkey. @throws invalid_request if the user has enough of them */
export function beginPasskey(
  db: Database,
  now: Date,
  { user, sessionId }: Person,
  at: { readonly site: PasskeySite; readonly platform: string },
): Promise<CreationOptions> {
  return db.begin(async (tx) => {
    assertRoom(await passkeyCount(tx, user.id))
    const known = await namedKeys(tx, user.id, at.site)
    const [row] = await tx.query<{ handle: Buffer }>(
      `update users set passkey_handle = coalesce(passkey_handle, $2) where id = $1
        returning passkey_handle as handle`,
      [user.id, randomBytes(32)],
    )
    const challenge = await makeChallenge(tx, now, { purpose: 'register', sessionId })
    const { handle } = row as { handle: Buffer }
    return creationOptions({ ...at, ...user, challenge, handle, known })
  })
}

/** The passkeys of a user that browsers have for a site, as they name them. */
export async function namedKeys(
  db: Queryable,
  userId: number,
  { host }: PasskeySite,
): Promise<Named[]> {
  const rows = await db.query<{ id: Buffer; transports: string[] }>(
    `select credential_id as id, transports from passkeys
      where user_id = $1 and (host is null or host = $2) order by id limit ${maxPasskeys}`,
    [userId, host],
  )
  return rows.map(({ id, transports }) => ({ credentialId: id.toString('base64url'), transports }))
}

async function passkeyCount(tx: Tx, userId: number): Promise<number> {
  const [{ count } = { count: 0n }] = await tx.query<{ count: bigint }>(
    'select count(*) from passkeys where user_id = $1',
    [userId],
  )
  return Number(count)
}

function assertRoom(count: number): void {
  if (count >= maxPasskeys)
    throw new DomainError(
      'invalid_request',
      `You have ${maxPasskeys} passkeys, and there can be no more. Remove one first.`,
    )
}

type Registered = {
  readonly passkey: Passkey
  /** Null if the user had a second factor before. */
  readonly recoveryCodes: readonly string[] | null
}

/** Registers a passkey. It counts as second factor from now on, and is given in this session.
 * @throws invalid_request, wrong_credentials, not_signed_in */
export async function addPasskey(
  db: Database,
  now: Date,
  person: Person,
  wanted: {
    readonly name: string
    readonly credential: NewCredential
    readonly site: PasskeySite
    readonly from: From
  },
): Promise<Registered> {
  const { name, credential, site, from } = wanted
  const { user, sessionId } = person
  const challenge = challengeIn(credential.response.clientDataJSON)
  const isAsked = await useChallenge(db, now, challenge, { purpose: 'register', sessionId })
  const key = isAsked ? await madeKey(credential, challenge, site) : null
  if (!key) throw notAccepted()
  const transports = credential.response.transports ?? []
  return db.begin(async (tx) => {
    await lockUser(tx, user.id)
    const hadFactor = await hasFactor(tx, user.id)
    const passkey = await insertPasskey(tx, now, {
      ...{ ...key, userId: user.id, name, transports, host: site.host },
    })
    await noteFactor(tx, now, person)
    await tell(tx, now, 'factor_added', user, from)
    return { passkey, recoveryCodes: hadFactor ? null : await replaceRecoveryCodes(tx, user.id) }
  })
}

async function insertPasskey(
  tx: Tx,
  now: Date,
  key: MadeKey & {
    readonly userId: number
    readonly name: string
    readonly transports: readonly string[]
    readonly host: string
  },
): Promise<Passkey> {
  assertRoom(await passkeyCount(tx, key.userId))
  const rows = await tx
    .query<Passkey>(
      `insert into passkeys (user_id, credential_id, public_key, counter, transports, is_backed_up, name,
         host, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
      [
        ...[key.userId, key.credentialId, key.publicKey, key.counter],
        ...[key.transports, key.isBackedUp, key.name, key.host, now],
      ],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error, 'passkeys_credential_id_key')
        ? invalid('credential', 'This passkey is registered already.')
        : error
    })
  return rows[0] as Passkey
}

/** Changes the name of a passkey. @throws not_found */
export async function renamePasskey(
  db: Database,
  userId: number,
  { id, name }: { readonly id: number; readonly name: string },
): Promise<Passkey> {
  const [row] = await db.once<Passkey>(
    `update passkeys set name = $3 where id = $2 and user_id = $1 returning ${columns}`,
    [userId, id, name],
  )
  if (!row) throw noSuchPasskey()
  return row
}

/** Removes a passkey; with the last second factor the recovery codes go, too. @throws not_found */
export function removePasskey(
  db: Database,
  now: Date,
  { user }: Person,
  { id, from }: { readonly id: number; readonly from: From },
): Promise<void> {
  return db.begin(async (tx) => {
    await lockUser(tx, user.id)
    const rows = await tx.query(
      'delete from passkeys where id = $2 and user_id = $1 returning id',
      [user.id, id],
    )
    if (rows.length === 0) throw noSuchPasskey()
    await forgetUselessCodes(tx, user.id)
    await tell(tx, now, 'factor_removed', user, from)
  })
}

/** The passkey that a browser names. */
export async function passkeyNamed(
  db: Queryable,
  credentialId: string,
): Promise<StoredKey | undefined> {
  const [row] = await db.query<StoredKey>(
    `select p.id, p.user_id as "userId", u.passkey_handle as handle, p.credential_id as "credentialId",
            p.public_key as "publicKey"
       from passkeys p join users u on u.id = p.user_id
      where p.credential_id = $1 and u.passkey_handle is not null`,
    [Buffer.from(credentialId, 'base64url')],
  )
  return row
}

/** Notes that a passkey was used. Its counter must have gone on: otherwise there is a copy of it, or the
 * answer is an old one.
 * @returns `gone` if it was removed meanwhile, `copied` if the counter went back */
export async function noteUse(
  tx: Tx,
  now: Date,
  { id }: StoredKey,
  { counter, isBackedUp }: Use,
  { host }: PasskeySite,
): Promise<'noted' | 'gone' | 'copied'> {
  const [row] = await tx.query<{ counter: bigint }>(
    'select counter from passkeys where id = $1 for no key update',
    [id],
  )
  if (!row) return 'gone'
  const last = Number(row.counter)
  // Many passkeys count nothing: theirs stays 0.
  if (counter <= last && !(counter === 0 && last === 0)) return 'copied'
  await tx.query(
    `update passkeys set counter = $2, is_backed_up = $3, last_used_at = $4, host = $5 where id = $1`,
    [id, counter, isBackedUp, now, host],
  )
  return 'noted'
}

export const notAccepted = () =>
  new DomainError(
    'wrong_credentials',
    'The passkey was not accepted. Try again, or use another way to sign in.',
  )

export const wasCopied = () =>
  new DomainError(
    'wrong_credentials',
    'The passkey was not accepted: it counts its uses, and the count has gone back. There may be a copy of ' +
      'it. Sign in another way and remove it.',
  )

const noSuchPasskey = () => new DomainError('not_found', 'You have no such passkey.')

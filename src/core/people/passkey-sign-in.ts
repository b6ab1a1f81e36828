// Signing in by a passkey alone, and giving one as second factor.
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimPasskey, settleCode, settlePasskey } from './attempts.ts'
import { makeChallenge, useChallenge } from './challenges.ts'
import {
  challengeIn,
  type PasskeySite,
  type RequestOptions,
  requestOptions,
  type StoredKey,
  type Use,
  type UsedCredential,
  useOf,
} from './passkey.ts'
import { namedKeys, notAccepted, noteUse, passkeyNamed, wasCopied } from './passkeys.ts'
import { needsSecondFactor, type Person } from './person.ts'
import { claimFactor, noteFactor, tell } from './second-factor.ts'
import { type Begun, renewToken } from './sessions.ts'
import { enter, type From } from './sign-in.ts'
import { lockUser } from './users.ts'

/** Begins to sign in. The answer is the same for everybody. @throws too_many_attempts */
export function askForSignIn(
  db: Database,
  now: Date,
  site: PasskeySite,
  from: From,
): Promise<RequestOptions> {
  return db.begin(async (tx) => {
    await claimPasskey(tx, now, from.network)
    const challenge = await makeChallenge(tx, now, { purpose: 'sign_in', sessionId: null })
    return requestOptions({ site, challenge, among: [], isAlone: true })
  })
}

type Given = {
  readonly credential: UsedCredential
  readonly site: PasskeySite
  readonly from: From
}

/** Begins a session for whoever has a passkey and shows the authenticator who they are: that is both factors.
 * @throws wrong_credentials, account_suspended */
export async function signInByPasskey(db: Database, now: Date, given: Given): Promise<Begun> {
  const { from, site } = given
  const { key, use } = await proven(db, now, given, null)
  const begun = await db.begin(async (tx) => {
    const user = await lockUser(tx, key.userId)
    if (!user || !(await countOn(tx, now, { key, use, user, site, from }))) return null
    await settlePasskey(tx, from.network)
    return enter(tx, now, { userId: user.id, from, secondFactorAt: now })
  })
  if (!begun) throw wasCopied()
  return begun
}

/** Begins to give a passkey as second factor. @throws invalid_request if the user has none for the site */
export function askForFactor(
  db: Database,
  now: Date,
  { user, sessionId }: Person,
  site: PasskeySite,
): Promise<RequestOptions> {
  return db.begin(async (tx) => {
    const among = await namedKeys(tx, user.id, site)
    if (among.length === 0)
      throw new DomainError('invalid_request', 'You have no passkey for this site.')
    const challenge = await makeChallenge(tx, now, { purpose: 'second_factor', sessionId })
    return requestOptions({ site, challenge, among, isAlone: false })
  })
}

/** Gives a passkey as second factor. @returns the session's new token, if it could do nothing until now
 * @throws wrong_credentials, too_many_attempts, not_signed_in */
export async function giveFactor(
  db: Database,
  now: Date,
  person: Person,
  given: Given,
): Promise<{ readonly token: string | null }> {
  const { user, sessionId } = person
  const { from, site } = given
  await claimFactor(db, now, person, from)
  const { key, use } = await proven(db, now, given, person)
  const done = await db.begin(async (tx) => {
    await lockUser(tx, user.id)
    if (!(await countOn(tx, now, { key, use, user, site, from }))) return null
    await settleCode(tx, { email: user.email, network: from.network })
    await noteFactor(tx, now, person)
    return { token: needsSecondFactor(person) ? await renewToken(tx, sessionId) : null }
  })
  if (!done) throw wasCopied()
  return done
}

/** The passkey that was used, if everything about its answer is right. The challenge is used up in any case.
 * @param person who is signed in; null: it is to say who they are
 * @throws wrong_credentials */
async function proven(
  db: Database,
  now: Date,
  { credential, site }: Given,
  person: Person | null,
): Promise<{ readonly key: StoredKey; readonly use: Use }> {
  const challenge = challengeIn(credential.response.clientDataJSON)
  const asked =
    person === null
      ? ({ purpose: 'sign_in', sessionId: null } as const)
      : ({ purpose: 'second_factor', sessionId: person.sessionId } as const)
  if (!(await useChallenge(db, now, challenge, asked))) throw notAccepted()
  const key = await passkeyNamed(db, credential.id)
  if (!key || (person && person.user.id !== key.userId)) throw notAccepted()
  const use = await useOf(credential, { challenge, site, isAlone: person === null, key })
  if (!use) throw notAccepted()
  return { key, use }
}

/** Notes the use of a passkey. @returns false if its counter went back, which its user is told by mail
 * @throws wrong_credentials if it was removed meanwhile */
async function countOn(
  tx: Tx,
  now: Date,
  used: {
    readonly key: StoredKey
    readonly use: Use
    readonly user: { readonly id: number; readonly email: string }
    readonly site: PasskeySite
    readonly from: From
  },
): Promise<boolean> {
  const outcome = await noteUse(tx, now, used.key, used.use, used.site)
  if (outcome === 'gone') throw notAccepted()
  if (outcome === 'copied') await tell(tx, now, 'passkey_copied', used.user, used.from)
  return outcome === 'noted'
}

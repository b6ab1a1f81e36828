// The verbs on passkeys as one object, with the database and the clock inside.
import type { Database } from '../../db/database.ts'
import type {
  CreationOptions,
  NewCredential,
  PasskeySite,
  RequestOptions,
  UsedCredential,
} from './passkey.ts'
import * as signingIn from './passkey-sign-in.ts'
import * as passkeys from './passkeys.ts'
import type { Person } from './person.ts'
import type { Begun } from './sessions.ts'
import type { From } from './sign-in.ts'

type Place = { readonly site: PasskeySite; readonly from: From }
type Registered = Awaited<ReturnType<typeof passkeys.addPasskey>>

export type Passkeys = {
  list(userId: number): Promise<passkeys.Passkey[]>
  /** @throws invalid_request */
  begin(person: Person, at: { site: PasskeySite; platform: string }): Promise<CreationOptions>
  /** @throws invalid_request, wrong_credentials, not_signed_in */
  add(
    person: Person,
    wanted: Place & { name: string; credential: NewCredential },
  ): Promise<Registered>
  /** @throws not_found */
  rename(userId: number, wanted: { id: number; name: string }): Promise<passkeys.Passkey>
  /** @throws not_found */
  remove(person: Person, wanted: { id: number; from: From }): Promise<void>
  /** @throws too_many_attempts */
  askForSignIn(place: Place): Promise<RequestOptions>
  /** @throws wrong_credentials, account_suspended */
  signIn(given: Place & { credential: UsedCredential }): Promise<Begun>
  /** @throws invalid_request */
  askForFactor(person: Person, site: PasskeySite): Promise<RequestOptions>
  /** @returns the session's new token, if it could do nothing until now
   * @throws wrong_credentials, too_many_attempts, not_signed_in */
  giveFactor(
    person: Person,
    given: Place & { credential: UsedCredential },
  ): Promise<{ readonly token: string | null }>
}

/** Composes the verbs on passkeys. */
export const passkeyVerbs = ({ db, clock }: { db: Database; clock: () => Date }): Passkeys => ({
  list: (userId) => passkeys.listPasskeys(db, userId),
  begin: (person, at) => passkeys.beginPasskey(db, clock(), person, at),
  add: (person, wanted) => passkeys.addPasskey(db, clock(), person, wanted),
  rename: (userId, wanted) => passkeys.renamePasskey(db, userId, wanted),
  remove: (person, wanted) => passkeys.removePasskey(db, clock(), person, wanted),
  askForSignIn: ({ site, from }) => signingIn.askForSignIn(db, clock(), site, from),
  signIn: (given) => signingIn.signInByPasskey(db, clock(), given),
  askForFactor: (person, site) => signingIn.askForFactor(db, clock(), person, site),
  giveFactor: (person, given) => signingIn.giveFactor(db, clock(), person, given),
})

// The people of an account as one object, with the database and the clock inside.
import type { Database } from '../../db/database.ts'
import { type Acceptance, acceptInvitation, type ReadInvitation, readInvitation } from './accept.ts'
import type { Passwords } from './password.ts'
import type { Person, Role } from './person.ts'
import type { Begun } from './sessions.ts'
import type { Asking } from './sign-up.ts'
import * as team from './team.ts'
import { emailOf } from './users.ts'

export type TeamVerbs = {
  /** @throws forbidden, account_suspended */
  read(person: Person): Promise<team.Team>
  /** @throws invalid_request, forbidden, account_suspended, too_many_attempts */
  invite(
    person: Person,
    wanted: { readonly email: string; readonly role: Role; readonly from: Asking },
  ): Promise<team.Invitation>
  /** @throws not_found, forbidden, account_suspended */
  revokeInvitation(person: Person, id: string): Promise<void>
  /** @throws not_found, forbidden, account_suspended, last_owner */
  changeRole(
    person: Person,
    wanted: { readonly userId: number; readonly role: Role },
  ): Promise<void>
  /** @throws not_found, forbidden, account_suspended, last_owner */
  remove(person: Person, userId: number): Promise<void>
  /** What an invitation is to. @throws link_not_valid */
  readInvitation(token: string): Promise<ReadInvitation>
  /** @returns the session that begins; null if the person's own goes on
   * @throws link_not_valid, invalid_request, not_signed_in, wrong_credentials, second_factor_required,
   * too_many_attempts, rate_limited, account_suspended */
  accept(wanted: Acceptance): Promise<Begun | null>
}

type Parts = {
  readonly db: Database
  readonly clock: () => Date
  readonly passwords: Passwords
}

/** Composes the verbs on the people of an account. */
export const teamVerbs = ({ db, clock, passwords }: Parts): TeamVerbs => ({
  read: async (person) => team.readTeam(db, clock(), team.ownedBy(person).accountId),
  invite: async (person, wanted) =>
    team.invite(db, clock(), person, { ...wanted, email: emailOf(wanted.email) }),
  revokeInvitation: async (person, id) => team.revokeInvitation(db, clock(), person, id),
  changeRole: async (person, wanted) => team.changeRole(db, person, wanted),
  remove: async (person, userId) => team.removeMember(db, person, userId),
  readInvitation: (token) => readInvitation(db, clock(), token),
  accept: (wanted) => acceptInvitation(db, passwords, clock(), wanted),
})

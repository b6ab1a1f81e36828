// Operators' verbs on people: users of accounts, staff, and links that sign somebody in.
import type { Database } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { DomainError } from '../error.ts'
import { type By, logged, needReason } from '../operator-log.ts'
import { type MadeLink, makeLink } from '../people/links.ts'
import type { Role } from '../people/person.ts'
import { removeFactors, tell } from '../people/second-factor.ts'
import { endSessions } from '../people/sessions.ts'
import { addMembership, createUser, emailOf, userByEmail } from '../people/users.ts'

export type NewMember = {
  readonly email: string
  readonly accountId: number
  /** Null: the owner if the account has none, else a member. */
  readonly role: Role | null
  /** As it is stored; null: the user signs in by links until they set one. */
  readonly password: string | null
}

/** Creates a user who belongs to an account. If there is one with the address, that one joins the account.
 * @throws not_found, invalid_request if a password is given for a user who is there */
export function createMember(
  db: Database,
  now: Date,
  by: By,
  wanted: NewMember,
): Promise<{ readonly userId: number; readonly created: boolean; readonly role: Role }> {
  const email = emailOf(wanted.email)
  const { accountId, role, password } = wanted
  return logged(
    db,
    by,
    async (_, tx) => {
      await getAccount(tx, accountId)
      const known = await userByEmail(tx, email)
      if (known && password !== null)
        throw new DomainError(
          'invalid_request',
          'There is a user with this address, whose password stays. Leave the password out.',
        )
      const userId = known?.id ?? (await createUser(tx, now, { email, password, verifiedAt: now }))
      const given = await addMembership(tx, now, { userId, accountId, role })
      return { userId, created: !known, role: given }
    },
    ({ userId, created, role: given }) => ({
      action: created ? 'user.create' : 'user.join',
      subject: { type: 'user', id: userId },
      accountId,
      detail: { role: given },
    }),
  )
}

/** Makes a link that signs a user in once. @throws not_found */
export function makeSignInLink(
  db: Database,
  now: Date,
  by: By,
  wanted: { readonly email: string; readonly accountId?: number | null },
): Promise<MadeLink> {
  const email = emailOf(wanted.email)
  return logged(
    db,
    by,
    async (_, tx) => {
      const user = await userByEmail(tx, email)
      if (!user) throw new DomainError('not_found', `There is no user ${email}.`)
      const { accountId = null } = wanted
      const link = { purpose: 'sign_in', userId: user.id, accountId, madeBy: by.actor } as const
      return { ...(await makeLink(tx, now, link)), userId: user.id }
    },
    ({ userId }) => ({
      action: 'user.sign_in_link',
      subject: { type: 'user', id: userId },
      accountId: wanted.accountId ?? null,
    }),
  )
}

/**
 * Removes every second factor of somebody who has lost theirs, ends their sessions, and tells them by mail.
 * Their password stays.
 * @param wanted.origin of links in the mail
 * @throws not_found, invalid_request without a reason
 */
export function removeSecondFactor(
  db: Database,
  now: Date,
  by: By,
  wanted: { readonly email: string; readonly origin: string },
): Promise<{ readonly userId: number; readonly removed: boolean }> {
  const email = emailOf(wanted.email)
  const { origin } = wanted
  return logged(
    db,
    needReason(by),
    async (_, tx) => {
      const user = await userByEmail(tx, email)
      if (!user) throw new DomainError('not_found', `There is no user ${email}.`)
      const removed = await removeFactors(tx, user.id)
      await endSessions(tx, now, user.id)
      const from = { origin, device: 'the operator', address: null }
      if (removed) await tell(tx, now, 'factor_removed', { id: user.id, email }, from)
      return { userId: user.id, removed }
    },
    ({ userId, removed }) => ({
      action: 'user.remove_second_factor',
      subject: { type: 'user', id: userId },
      accountId: null,
      detail: { removed },
    }),
  )
}

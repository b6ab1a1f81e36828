// The operator's own people and keys, and what their programs may do by /v1/admin.
import type { Database, Tx } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { DomainError } from '../error.ts'
import { type By, logged } from '../operator-log.ts'
import { type MadeLink, makeLink } from '../people/links.ts'
import type { StaffRole } from '../people/person.ts'
import { hasMembers } from '../people/sign-up.ts'
import { createStaffKey, recogniseStaffKey, type StaffKey } from '../people/staff-keys.ts'
import { addMembership, createUser, emailOf, userByEmail } from '../people/users.ts'

type Into = { readonly accountId: number; readonly email: string | null }

/** What programs of the operator do with a staff key. */
export type Staff = {
  /** A staff key. @throws unauthenticated */
  recognise(key: string): Promise<StaffKey>
  /** @throws not_found, invalid_request, forbidden */
  linkIntoAccount(key: StaffKey, wanted: Into): Promise<MadeLink>
}

/** Composes the verbs of staff keys. */
export const staffVerbs = ({ db, clock }: { db: Database; clock: () => Date }): Staff => ({
  recognise: (key) => recogniseStaffKey(db, clock(), key),
  linkIntoAccount: ({ hint }, wanted) =>
    linkIntoAccount(db, clock(), { actor: `staff key ${hint}`, reason: null }, wanted),
})

/** Makes somebody staff, with a user if they have none. Repeating it changes the role.
 * @throws invalid_request */
export function createStaff(
  db: Database,
  now: Date,
  by: By,
  wanted: { readonly email: string; readonly role: StaffRole },
): Promise<{ readonly userId: number }> {
  const email = emailOf(wanted.email)
  return logged(
    db,
    by,
    async (_, tx) => {
      const known = await userByEmail(tx, email)
      const userId = known?.id ?? (await createUser(tx, now, { email, verifiedAt: now }))
      await tx.query(
        `insert into staff (user_id, role, created_at) values ($1, $2, $3)
         on conflict (user_id) do update set role = excluded.role`,
        [userId, wanted.role, now],
      )
      return { userId }
    },
    ({ userId }) => ({
      action: 'staff.create',
      subject: { type: 'user', id: userId },
      detail: { role: wanted.role },
    }),
  )
}

/** Creates a key for /v1/admin. @throws invalid_request */
export function createKeyOfStaff(
  db: Database,
  now: Date,
  by: By,
  scopes: readonly string[],
): Promise<{ readonly key: string; readonly id: number }> {
  return logged(
    db,
    by,
    (_, tx) => createStaffKey(tx, now, by, scopes),
    ({ id }) => ({
      action: 'staff_key.create',
      subject: { type: 'staff_key', id },
      detail: { scopes },
    }),
  )
}

/** Makes a link that signs a member of an account in, for the operator's own site. An account without members
 * gets its first one, as its owner.
 * @param wanted.email by default the address of the account
 * @throws not_found, invalid_request, forbidden for staff, whose sessions may do more */
export function linkIntoAccount(db: Database, now: Date, by: By, wanted: Into): Promise<MadeLink> {
  return logged(
    db,
    by,
    async (_, tx) => {
      const { accountId } = wanted
      const account = await getAccount(tx, accountId)
      await tx.query('select 1 from accounts where id = $1 for no key update', [accountId])
      const userId = await memberOf(tx, now, accountId, emailOf(wanted.email ?? account.email))
      const link = await makeLink(tx, now, {
        ...{ purpose: 'sign_in', userId, accountId, madeBy: by.actor },
      })
      return { ...link, userId }
    },
    ({ userId }) => ({
      action: 'user.sign_in_link',
      subject: { type: 'user', id: userId },
      accountId: wanted.accountId,
    }),
  ).then(({ token, endsAt }) => ({ token, endsAt }))
}

async function memberOf(tx: Tx, now: Date, accountId: number, email: string): Promise<number> {
  const [user] = await tx.query<{ id: number; is_member: boolean; is_staff: boolean }>(
    `select u.id, m.user_id is not null as is_member, t.user_id is not null as is_staff
       from users u
       left join memberships m on m.user_id = u.id and m.account_id = $2
       left join staff t on t.user_id = u.id
      where u.email = $1`,
    [email, accountId],
  )
  if (user?.is_staff)
    throw new DomainError(
      'forbidden',
      'This user is one of the staff. Staff sign in by themselves.',
    )
  if (user?.is_member) return user.id
  if (await hasMembers(tx, accountId))
    throw new DomainError('not_found', 'Nobody with this address belongs to the account.')
  const userId = user?.id ?? (await createUser(tx, now, { email }))
  await addMembership(tx, now, { userId, accountId, role: 'owner' })
  return userId
}

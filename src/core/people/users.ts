// Users: people with an address of mail. What they may do is a matter of their memberships.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { invalid } from '../accounts/accounts.ts'
import { DomainError } from '../error.ts'
import type { Role, Theme } from './person.ts'

/** An address as it is stored and compared: in lower case. @throws invalid_request */
export function emailOf(text: string): string {
  const email = text.trim().toLowerCase()
  if (!/^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,189}$/u.test(email))
    throw invalid('email', 'This is not a valid e-mail address.')
  return email
}

export type NewUser = {
  readonly email: string
  readonly name?: string | null
  /** As it is stored. */
  readonly password?: string | null
  /** When the address was known to be theirs. */
  readonly verifiedAt?: Date | null
}

/** Creates a user. @throws invalid_request if there is one with the address */
export async function createUser(db: Queryable, now: Date, user: NewUser): Promise<number> {
  const rows = await db
    .query<{ id: number }>(
      `insert into users (email, name, password, verified_at, created_at) values ($1, $2, $3, $4, $5)
       returning id`,
      [user.email, user.name ?? '', user.password ?? null, user.verifiedAt ?? null, now],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error, 'users_email_key')
        ? invalid('email', 'A user with this e-mail address already exists.')
        : error
    })
  return (rows[0] as { id: number }).id
}

export type StoredUser = {
  readonly id: number
  readonly email: string
  readonly password: string | null
  readonly isSuspended: boolean
  /** The language that they have chosen; null: none. */
  readonly locale: string | null
  /** That of the program that they signed in with last. */
  readonly language: string | null
}

const storedUser = `id, email, password, suspended_at is not null as "isSuspended", locale, language`

/** The user with an address. */
export async function userByEmail(db: Queryable, email: string): Promise<StoredUser | undefined> {
  const [row] = await db.query<StoredUser>(`select ${storedUser} from users where email = $1`, [
    email,
  ])
  return row
}

/** The same, and nobody can change it until the end of the transaction. */
export async function lockUser(tx: Tx, id: number): Promise<StoredUser | undefined> {
  const [row] = await tx.query<StoredUser>(
    `select ${storedUser} from users where id = $1 for no key update`,
    [id],
  )
  return row
}

export type NewMembership = {
  readonly userId: number
  readonly accountId: number
  /** Null: the owner if the account has none, else a member. */
  readonly role: Role | null
}

/** Makes a user belong to an account. Safe to repeat: a role that is there stays. @returns their role */
export async function addMembership(
  tx: Tx,
  now: Date,
  { userId, accountId, role }: NewMembership,
): Promise<Role> {
  // Two at once do not both find that there is no owner.
  if (role === null) await tx.query('select 1 from accounts where id = $1 for update', [accountId])
  const [row] = await tx.query<{ role: Role }>(
    `insert into memberships as m (user_id, account_id, role, created_at)
     select $1, $2, coalesce($3, case when exists (
                select from memberships where account_id = $2 and role = 'owner')
              then 'member' else 'owner' end), $4
     on conflict (user_id, account_id) do update set role = m.role returning role`,
    [userId, accountId, role, now],
  )
  return (row as { role: Role }).role
}

/** What users change about themselves; what is not given stays. */
export type UserChange = {
  readonly name?: string | undefined
  readonly locale?: string | null | undefined
  readonly theme?: Theme | undefined
}

export async function changeUser(db: Database, id: number, change: UserChange): Promise<void> {
  const rows = await db.once(
    `update users set name = coalesce($2, name), theme = coalesce($3, theme),
            locale = case when $4 then $5 else locale end
      where id = $1 returning id`,
    [
      id,
      change.name ?? null,
      change.theme ?? null,
      change.locale !== undefined,
      change.locale ?? null,
    ],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'There is no such user.')
}

/** Replaces a password. */
export async function setPassword(tx: Tx, userId: number, password: string): Promise<void> {
  await tx.query('update users set password = $2 where id = $1', [userId, password])
}

// Accepting an invitation: a new user is created; one who is there must be signed in, or give the password.
import type { Database, Queryable } from '../../db/database.ts'
import { invalid } from '../accounts/accounts.ts'
import { hashOf } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import { type Link, linkNotValid, readLink, useLink } from './links.ts'
import type { Passwords } from './password.ts'
import { assertAcceptable } from './password-rules.ts'
import { needsSecondFactor, type Person, type Role } from './person.ts'
import { type Begun, endSessions, switchAccount } from './sessions.ts'
import { enter, type From, signIn } from './sign-in.ts'
import { addMembership, createUser, userByEmail } from './users.ts'

export type Acceptance = {
  readonly token: string
  readonly name?: string | undefined
  readonly password?: string | undefined
  /** Who is signed in, completely; null: nobody. */
  readonly person: Person | null
  readonly from: From
}

/**
 * Has somebody join the account that they were invited to.
 * @returns the session that begins; null if the person's own goes on, in that account
 * @throws link_not_valid, invalid_request, not_signed_in, wrong_credentials, second_factor_required,
 * too_many_attempts, rate_limited, account_suspended
 */
export async function acceptInvitation(
  db: Database,
  checker: Passwords,
  now: Date,
  wanted: Acceptance,
): Promise<Begun | null> {
  const { email } = invitationIn(await readLink(db, now, 'invite', wanted.token))
  const user = await userByEmail(db, email)
  if (!user) return joinAnew(db, checker, now, { ...wanted, email })
  if (wanted.person?.user.id === user.id) {
    await joinAs(db, now, wanted.token, wanted.person)
    return null
  }
  return joinByPassword(db, checker, now, { ...wanted, email })
}

export type ReadInvitation = {
  readonly email: string
  readonly account: string
  readonly role: Role
  /** The address of who invites, or its beginning. */
  readonly invitedBy: string | null
  readonly endsAt: Date
  /** Whether there is a user with the address, who then signs in to accept it. */
  readonly hasUser: boolean
}

/** What an invitation is to, for whoever has its token. It is not used up. @throws link_not_valid */
export async function readInvitation(
  db: Queryable,
  now: Date,
  token: string,
): Promise<ReadInvitation> {
  const { email, accountId, role } = invitationIn(await readLink(db, now, 'invite', token))
  const [row] = await db.query<Omit<ReadInvitation, 'email' | 'role'>>(
    `select coalesce(nullif(a.name, ''), a.email) as account, l.ends_at as "endsAt",
            l.made_by as "invitedBy",
            exists (select from users u where u.email = l.email) as "hasUser"
       from one_time_links l join accounts a on a.id = l.account_id
      where l.hash = $1 and a.id = $2`,
    [hashOf(token), accountId],
  )
  if (!row) throw linkNotValid()
  return { ...row, email, role }
}

type Invited = Acceptance & { readonly email: string }

const invitationIn = ({ email, accountId, role }: Link) => {
  if (email === null || accountId === null || role === null) throw linkNotValid()
  return { email, accountId, role }
}

async function joinAnew(
  db: Database,
  checker: Passwords,
  now: Date,
  { token, name, password, email, from }: Invited,
): Promise<Begun> {
  if (password === undefined) throw invalid('password', 'Choose a password.')
  assertAcceptable(password, email)
  const stored = await checker.hash(password)
  return db.begin(async (tx) => {
    const { accountId, role } = invitationIn(await useLink(tx, now, 'invite', token))
    if (await userByEmail(tx, email)) throw linkNotValid()
    const userId = await createUser(tx, now, {
      ...{ email, name: name ?? '', password: stored, verifiedAt: now },
    })
    await addMembership(tx, now, { userId, accountId, role })
    return enter(tx, now, { userId, accountId, from })
  })
}

async function joinAs(db: Database, now: Date, token: string, person: Person): Promise<void> {
  const { id: userId } = person.user
  const accountId = await db.begin(async (tx) => {
    const link = invitationIn(await useLink(tx, now, 'invite', token))
    await addMembership(tx, now, { userId, accountId: link.accountId, role: link.role })
    return link.accountId
  })
  await switchAccount(db, userId, person.sessionId, accountId)
}

async function joinByPassword(
  db: Database,
  checker: Passwords,
  now: Date,
  { token, password, email, from }: Invited,
): Promise<Begun> {
  if (password === undefined)
    throw new DomainError(
      'not_signed_in',
      'There is a user with this address: sign in as that user, or give the password.',
    )
  const begun = await signIn(db, checker, now, { email, password, from })
  const { user, sessionId } = begun.person
  if (needsSecondFactor(begun.person)) {
    await endSessions(db, now, user.id, { only: sessionId })
    throw new DomainError(
      'second_factor_required',
      'Sign in with your second factor, then accept the invitation.',
    )
  }
  try {
    await joinAs(db, now, token, begun.person)
  } catch (error) {
    await endSessions(db, now, user.id, { only: sessionId })
    throw error
  }
  return begun
}

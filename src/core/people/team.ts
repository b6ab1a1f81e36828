// The people of an account: its owners invite others, change roles and remove people.
// There is always an owner.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { invalid } from '../accounts/accounts.ts'
import { hashOf } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import { claimMail } from './attempts.ts'
import { languageNamed } from './language.ts'
import { makeLink } from './links.ts'
import { queueMail } from './mails.ts'
import type { Membership, Person, Role } from './person.ts'
import type { Asking } from './sign-up.ts'

export type Member = {
  readonly userId: number
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly hasSecondFactor: boolean
  readonly joinedAt: Date
}

export type Invitation = {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly endsAt: Date
  readonly createdAt: Date
}

export type Team = {
  readonly members: readonly Member[]
  readonly invitations: readonly Invitation[]
}

/** So many invitations may be open at once. */
const maxInvitations = 50
const maxMembers = 500

/** The account that somebody owns, in their session. @throws forbidden, account_suspended */
export function ownedBy({ account }: Person): Membership {
  if (account?.role !== 'owner') throw notOwner()
  if (account.state !== 'active')
    throw new DomainError('account_suspended', 'The account is suspended.')
  return account
}

const notOwner = () => new DomainError('forbidden', 'Only owners of the account may do this.')

/** The people of an account, and its open invitations. */
export async function readTeam(db: Queryable, now: Date, accountId: number): Promise<Team> {
  const members = await db.query<Member>(
    `select u.id as "userId", u.email, u.name, m.role, m.created_at as "joinedAt",
            u.totp_confirmed_at is not null
              or exists (select from passkeys p where p.user_id = u.id) as "hasSecondFactor"
       from memberships m join users u on u.id = m.user_id
      where m.account_id = $1 order by m.created_at, u.id limit ${maxMembers}`,
    [accountId],
  )
  return { members, invitations: await openInvitations(db, now, accountId) }
}

/** An address is invited once at a time, so that it names the invitation. */
const invitationId = (accountId: number, email: string) =>
  `inv_${hashOf(`${accountId} ${email}`).subarray(0, 15).toString('hex')}`

async function openInvitations(db: Queryable, now: Date, accountId: number): Promise<Invitation[]> {
  const rows = await db.query<Omit<Invitation, 'id'>>(
    `select email, role, ends_at as "endsAt", created_at as "createdAt" from one_time_links
      where account_id = $1 and purpose = 'invite' and used_at is null and ends_at > $2
      order by created_at, email limit ${maxInvitations}`,
    [accountId, now],
  )
  return rows.map((row) => ({ id: invitationId(accountId, row.email), ...row }))
}

/** Invites an address; the mail has the link. Repeating it replaces the invitation.
 * @throws invalid_request, forbidden, too_many_attempts */
export function invite(
  db: Database,
  now: Date,
  person: Person,
  wanted: { readonly email: string; readonly role: Role; readonly from: Asking },
): Promise<Invitation> {
  const { accountId } = ownedBy(person)
  const { email, role, from } = wanted
  return db.begin(async (tx) => {
    const members = await lockTeam(tx, accountId, person)
    if (members.some((one) => one.email === email))
      throw invalid('email', 'This person belongs to the account already.')
    if (!(await claimMail(tx, now, { email, network: from.network })))
      throw new DomainError(
        'too_many_attempts',
        'This address got many mails already. Try again later.',
        { retryAfterS: 300 },
      )
    await endInvitation(tx, accountId, email)
    if ((await openInvitations(tx, now, accountId)).length >= maxInvitations)
      throw invalid('email', `At most ${maxInvitations} invitations may be open.`)
    // @NOTE nobody has this token: the mail gets one of its own when it is sent
    const madeBy = person.user.email.slice(0, 100)
    const { endsAt } = await makeLink(tx, now, {
      ...{ purpose: 'invite', email, accountId, role, madeBy },
    })
    await queueMail(tx, now, {
      ...{ kind: 'invitation', email, accountId, origin: from.origin },
      language: languageNamed(person.user.locale) ?? from.language,
      facts: { by: person.user.email },
    })
    return { id: invitationId(accountId, email), email, role, endsAt, createdAt: now }
  })
}

async function endInvitation(tx: Tx, accountId: number, email: string): Promise<void> {
  await tx.query(
    `delete from one_time_links
      where account_id = $1 and email = $2 and purpose = 'invite' and used_at is null`,
    [accountId, email],
  )
}

/** Takes an invitation back. @throws not_found, forbidden */
export function revokeInvitation(
  db: Database,
  now: Date,
  person: Person,
  id: string,
): Promise<void> {
  const { accountId } = ownedBy(person)
  return db.begin(async (tx) => {
    await lockTeam(tx, accountId, person)
    const found = (await openInvitations(tx, now, accountId)).find((one) => one.id === id)
    if (!found) throw new DomainError('not_found', 'There is no such open invitation.')
    await endInvitation(tx, accountId, found.email)
  })
}

/** Changes what somebody may do. Safe to repeat. @throws not_found, forbidden, last_owner */
export function changeRole(
  db: Database,
  person: Person,
  wanted: { readonly userId: number; readonly role: Role },
): Promise<void> {
  const { accountId } = ownedBy(person)
  return db.begin(async (tx) => {
    const members = await lockTeam(tx, accountId, person)
    if (wanted.role !== 'owner') assertOwnerWithout(members, wanted.userId)
    assertMember(members, wanted.userId)
    await tx.query('update memberships set role = $3 where account_id = $1 and user_id = $2', [
      accountId,
      wanted.userId,
      wanted.role,
    ])
  })
}

/** Removes somebody from the account: an owner removes anybody, others themselves. Their sessions lose the
 * account at once. @throws not_found, forbidden, last_owner */
export function removeMember(db: Database, person: Person, userId: number): Promise<void> {
  const isSelf = userId === person.user.id
  const account = isSelf ? person.account : ownedBy(person)
  if (!account) throw notOwner()
  const { accountId } = account
  return db.begin(async (tx) => {
    const members = await lockTeam(tx, accountId, isSelf ? null : person)
    assertMember(members, userId)
    assertOwnerWithout(members, userId)
    await tx.query('delete from memberships where account_id = $1 and user_id = $2', [
      accountId,
      userId,
    ])
  })
}

type Locked = { readonly userId: number; readonly email: string; readonly role: Role }

/** The memberships of an account, which nobody changes until the end of the transaction.
 * @param owner who must own it still @throws forbidden */
async function lockTeam(tx: Tx, accountId: number, owner: Person | null): Promise<Locked[]> {
  const members = await tx.query<Locked>(
    `select m.user_id as "userId", u.email, m.role
       from memberships m join users u on u.id = m.user_id
      where m.account_id = $1 order by m.user_id for update of m`,
    [accountId],
  )
  if (owner && !members.some((one) => one.userId === owner.user.id && one.role === 'owner'))
    throw notOwner()
  return members
}

function assertMember(members: readonly Locked[], userId: number): void {
  if (!members.some((one) => one.userId === userId))
    throw new DomainError('not_found', 'This person does not belong to the account.')
}

function assertOwnerWithout(members: readonly Locked[], userId: number): void {
  if (!members.some((one) => one.role === 'owner' && one.userId !== userId))
    throw new DomainError('last_owner', 'The account needs an owner: make somebody else one first.')
}

// One-time links: whoever has the token can do one thing, once, for some time. The token is stored as its
// SHA-256.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { hashOf } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import type { Role } from './person.ts'
import { isToken, newToken } from './sessions.ts'

export const linkPurposes = ['verify', 'reset', 'invite', 'sign_in'] as const
export type LinkPurpose = (typeof linkPurposes)[number]

const minuteMs = 60_000

/** How long links are valid. */
export const linkLives = {
  verify: 24 * 60 * minuteMs,
  reset: 60 * minuteMs,
  invite: 7 * 24 * 60 * minuteMs,
  sign_in: 15 * minuteMs,
} as const satisfies Record<LinkPurpose, number>

/** Where the web application takes each. The token follows `#`, which no server is sent. */
export const linkPaths = {
  verify: '/app/verify',
  reset: '/app/reset',
  invite: '/app/invitation',
  sign_in: '/app/sign-in',
} as const satisfies Record<LinkPurpose, string>

/** The address of a link. */
export const linkUrl = (origin: string, purpose: LinkPurpose, token: string): string =>
  `${origin}${linkPaths[purpose]}#token=${token}`

export type NewLink = {
  readonly purpose: LinkPurpose
  readonly userId?: number | null
  readonly email?: string | null
  readonly accountId?: number | null
  readonly role?: Role | null
  /** What a new user gets. */
  readonly name?: string | null
  readonly password?: string | null
  readonly madeBy?: string | null
}

export type Link = {
  readonly userId: number | null
  readonly email: string | null
  readonly accountId: number | null
  readonly role: Role | null
  readonly name: string | null
  readonly password: string | null
}

export type MadeLink = { readonly token: string; readonly endsAt: Date }

/** Makes a link. Only this answer has its token. */
export async function makeLink(db: Queryable, now: Date, link: NewLink): Promise<MadeLink> {
  const token = newToken()
  const endsAt = new Date(now.getTime() + linkLives[link.purpose])
  await db.query(
    `insert into one_time_links (hash, purpose, user_id, email, account_id, role, name, password, made_by,
       created_at, ends_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      hashOf(token),
      link.purpose,
      link.userId ?? null,
      link.email ?? null,
      link.accountId ?? null,
      link.role ?? null,
      link.name ?? null,
      link.password ?? null,
      link.madeBy ?? null,
      now,
      endsAt,
    ],
  )
  return { token, endsAt }
}

/** Gives an open invitation another token, for its mail. @returns null if it was taken back or is over */
export async function renewInvitation(
  tx: Tx,
  now: Date,
  one: { readonly accountId: number | null; readonly email: string },
): Promise<string | null> {
  const token = newToken()
  const rows = await tx.query(
    `update one_time_links set hash = $3
      where account_id = $1 and email = $2 and purpose = 'invite' and used_at is null and ends_at > $4
      returning 1 as yes`,
    [one.accountId, one.email, hashOf(token), now],
  )
  return rows.length > 0 ? token : null
}

/** Uses a link up. Of many calls at once, one gets it. @throws link_not_valid */
export async function useLink(
  tx: Tx,
  now: Date,
  purpose: LinkPurpose,
  token: string,
): Promise<Link> {
  const [link] = isToken(token)
    ? await tx.query<Link>(
        `update one_time_links set used_at = $3
          where hash = $1 and purpose = $2 and used_at is null and ends_at > $3
          returning user_id as "userId", email, account_id as "accountId", role, name, password`,
        [hashOf(token), purpose, now],
      )
    : []
  if (!link) throw linkNotValid()
  return link
}

/** What a link is for, without using it up. @throws link_not_valid */
export async function readLink(
  db: Queryable,
  now: Date,
  purpose: LinkPurpose,
  token: string,
): Promise<Link> {
  const [link] = isToken(token)
    ? await db.query<Link>(
        `select user_id as "userId", email, account_id as "accountId", role, name, password
           from one_time_links where hash = $1 and purpose = $2 and used_at is null and ends_at > $3`,
        [hashOf(token), purpose, now],
      )
    : []
  if (!link) throw linkNotValid()
  return link
}

export const linkNotValid = () =>
  new DomainError(
    'link_not_valid',
    'The link has been used, or its time is over. Ask for a new one.',
  )

/** Forgets links that are over. @returns the number deleted; 5,000 means that there may be more */
export async function forgetLinks(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `delete from one_time_links where hash in (select hash from one_time_links where ends_at <= $1
       limit 5000 for update skip locked) returning 1 as yes`,
    [now],
  )
  return rows.length
}

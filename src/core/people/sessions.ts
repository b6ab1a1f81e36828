// Sessions: a random token whose SHA-256 is stored, for one user, acting in one account at a time. They are
// looked up in the database by every request, so that one that ends has ended everywhere at once.
import { randomBytes } from 'node:crypto'
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { hashOf } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import type { Language } from './language.ts'
import type { Membership, Person, Role, SecondFactor, StaffRole, Theme } from './person.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A session ends after so long without a request. */
export const idleMs = 14 * dayMs
/** And after so long in any case. */
export const lifeMs = 90 * dayMs
/** How often the time of the last request is written. */
const seenEveryMs = 60_000
/** How long a session that has ended is remembered, for its device. */
const rememberedMs = 90 * dayMs

export type Whereabouts = {
  /** The kind of program, such as "Firefox on Linux". */
  readonly device: string
  readonly address: string | null
  /** The one that the program asked for, if there are texts in it. */
  readonly language?: Language | null
}

/** A token of 256 random bits, for sessions and links. */
export const newToken = (): string => randomBytes(32).toString('base64url')

const tokenForm = /^[A-Za-z0-9_-]{43}$/
export const isToken = (text: string): boolean => tokenForm.test(text)

/** A session that was just begun. Only this answer has its token. */
export type Begun = { readonly token: string; readonly person: Person }

/** Begins a session, in the account where the user's last one acted, or else the oldest of theirs.
 * @param start.accountId the account to act in, if the user belongs to it */
export async function beginSession(
  tx: Tx,
  now: Date,
  start: Whereabouts & {
    readonly userId: number
    readonly accountId?: number | null
    readonly secondFactorAt?: Date | null
  },
): Promise<Begun> {
  const token = newToken()
  const hash = hashOf(token)
  await tx.query(
    `insert into sessions (hash, user_id, account_id, device, address, created_at, last_seen_at,
       second_factor_at, ends_at)
     select $1, $2,
       (select m.account_id from memberships m
          left join lateral (select max(s.last_seen_at) as at from sessions s
            where s.user_id = m.user_id and s.account_id = m.account_id) l on true
         where m.user_id = $2
         order by (m.account_id is not distinct from $3) desc, l.at desc nulls last, m.created_at,
           m.account_id
         limit 1),
       $4, $5, $6, $6, $7, $8`,
    [
      hash,
      start.userId,
      start.accountId ?? null,
      start.device,
      start.address,
      now,
      start.secondFactorAt ?? null,
      new Date(now.getTime() + lifeMs),
    ],
  )
  await keepLanguage(tx, start)
  const [row] = await sessionsByHash(tx, [hash])
  if (!row) throw new Error('a session that was just begun is not there')
  return { token, person: toPerson(row) }
}

/** Mails to somebody who has chosen no language are in that of the last program. */
async function keepLanguage(
  tx: Tx,
  { userId, language }: { readonly userId: number; readonly language?: Language | null },
): Promise<void> {
  if (language)
    await tx.query(
      'update users set language = $2 where id = $1 and language is distinct from $2',
      [userId, language],
    )
}

type SessionRow = {
  hash: Buffer
  id: bigint
  user_id: number
  last_seen_at: Date
  second_factor_at: Date | null
  ends_at: Date
  ended_at: Date | null
  email: string
  user_name: string
  locale: string | null
  theme: Theme
  is_verified: boolean
  has_password: boolean
  has_totp: boolean
  passkey_hosts: (string | null)[]
  suspended_at: Date | null
  staff_role: StaffRole | null
  account_id: number | null
  role: Role | null
  account_name: string
  currency: string
  decimals: number
  state: 'active' | 'suspended'
}

function sessionsByHash(db: Queryable, hashes: readonly Buffer[]): Promise<SessionRow[]> {
  return db.query<SessionRow>(
    `select s.hash, s.id, s.user_id, s.last_seen_at, s.second_factor_at, s.ends_at, s.ended_at,
            u.email, u.name as user_name, u.locale, u.theme, u.suspended_at,
            u.verified_at is not null as is_verified, u.password is not null as has_password,
            u.totp_confirmed_at is not null as has_totp,
            array(select distinct p.host from passkeys p where p.user_id = u.id) as passkey_hosts,
            t.role as staff_role, m.account_id, m.role, a.name as account_name, a.currency, c.decimals,
            a.state
       from sessions s
       join users u on u.id = s.user_id
       left join staff t on t.user_id = u.id
       left join memberships m on m.user_id = s.user_id and m.account_id = s.account_id
       left join accounts a on a.id = m.account_id
       left join currencies c on c.code = a.currency
      where s.hash = any($1)`,
    [hashes],
  )
}

function toPerson(row: SessionRow): Person {
  const factors: SecondFactor[] = []
  if (row.has_totp) factors.push('totp')
  if (row.passkey_hosts.length > 0) factors.push('passkey')
  const account: Membership | null =
    row.account_id === null
      ? null
      : {
          accountId: row.account_id,
          name: row.account_name,
          currency: row.currency,
          decimals: row.decimals,
          state: row.state,
          role: row.role as Role,
        }
  return {
    sessionId: row.id,
    user: {
      id: row.user_id,
      email: row.email,
      name: row.user_name,
      locale: row.locale,
      theme: row.theme,
      isVerified: row.is_verified,
      hasPassword: row.has_password,
      secondFactors: factors,
      passkeyHosts: row.passkey_hosts,
      staff: row.staff_role,
    },
    account,
    secondFactorAt: row.second_factor_at,
    endsAt: row.ends_at,
  }
}

const isOver = (row: SessionRow, now: Date) =>
  row.ended_at !== null ||
  row.suspended_at !== null ||
  row.ends_at <= now ||
  row.last_seen_at.getTime() + idleMs <= now.getTime()

/** Who has a session. @throws not_signed_in */
export type RecogniseSession = (token: string, now: Date) => Promise<Person>

/** Recognises sessions; concurrent look-ups share a query. @param seen notes that a session was used */
export function sessionRecogniser(
  db: Database,
  seen: (sessionId: bigint, now: Date) => void,
): RecogniseSession {
  const find = gather<Buffer, SessionRow | undefined>({
    name: 'sessions',
    maxBatch: 500,
    maxRunning: 2,
    run: async (hashes) => {
      const rows = await sessionsByHash(db, hashes)
      const byHash = new Map(rows.map((row) => [row.hash.toString('latin1'), row]))
      return hashes.map((hash) => byHash.get(hash.toString('latin1')))
    },
  })
  return async (token, now) => {
    const row = isToken(token) ? await find(hashOf(token)) : undefined
    if (!row || isOver(row, now)) throw notSignedIn()
    if (row.last_seen_at.getTime() + seenEveryMs <= now.getTime()) seen(row.id, now)
    return toPerson(row)
  }
}

export const notSignedIn = () =>
  new DomainError('not_signed_in', 'You are not signed in, or your session has ended.')

/** Records when sessions were last used: some seconds late, and at most once a minute. */
export function lastSeenNotes(db: Database): {
  seen(sessionId: bigint, now: Date): void
  flush(): Promise<void>
} {
  let noted = new Map<bigint, Date>()
  return {
    seen: (sessionId, now) => {
      noted.set(sessionId, now)
    },
    async flush() {
      if (noted.size === 0) return
      const rows = [...noted].sort(([a], [b]) => (a < b ? -1 : 1))
      noted = new Map()
      await db.once(
        `update sessions s set last_seen_at = greatest(s.last_seen_at, u.at)
           from unnest($1::bigint[], $2::timestamptz[]) as u(id, at)
          where s.id = u.id and s.last_seen_at <= u.at - make_interval(secs => $3)`,
        [rows.map(([id]) => id), rows.map(([, at]) => at), seenEveryMs / 1000],
      )
    },
  }
}

/** A session as its user sees it in the list. */
export type ListedSession = Whereabouts & {
  readonly id: bigint
  readonly createdAt: Date
  readonly lastSeenAt: Date
}

/** A user's sessions that have not ended, the last used first. */
export function listSessions(db: Queryable, now: Date, userId: number): Promise<ListedSession[]> {
  return db.query<ListedSession>(
    `select id, device, host(address) as address, created_at as "createdAt", last_seen_at as "lastSeenAt"
       from sessions
      where user_id = $1 and ended_at is null and ends_at > $2 and last_seen_at > $3
      order by last_seen_at desc, id desc limit 200`,
    [userId, now, new Date(now.getTime() - idleMs)],
  )
}

/** Which of a user's sessions to end: one, all but one, or all. */
export type Ending = { readonly only?: bigint; readonly except?: bigint }

/** Ends sessions of a user. Safe to repeat. @returns how many ended */
export async function endSessions(
  db: Queryable,
  now: Date,
  userId: number,
  { only, except }: Ending = {},
): Promise<number> {
  const rows = await db.query(
    `update sessions set ended_at = $2, address = null
      where user_id = $1 and ended_at is null and ($3::bigint is null or id = $3)
        and ($4::bigint is null or id <> $4)
      returning id`,
    [userId, now, only ?? null, except ?? null],
  )
  return rows.length
}

/** Ends a session of a user that is theirs. @throws not_found */
export async function endSession(
  db: Database,
  now: Date,
  userId: number,
  sessionId: bigint,
): Promise<void> {
  const rows = await db.once(
    `update sessions set ended_at = coalesce(ended_at, $3), address = null
      where id = $2 and user_id = $1 returning id`,
    [userId, sessionId, now],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'You have no such session.')
}

/** Ends sessions whose time is over, and forgets those that ended long ago.
 * @returns the number deleted or ended; 5,000 means that there may be more */
export async function forgetSessions(db: Database, now: Date): Promise<number> {
  const ended = await db.once(
    `update sessions set ended_at = $1, address = null
      where id in (select id from sessions
        where ended_at is null and (last_seen_at <= $2 or ends_at <= $1) limit 5000 for update skip locked)
      returning id`,
    [now, new Date(now.getTime() - idleMs)],
  )
  const deleted = await db.once(
    `delete from sessions where id in (select id from sessions
       where ended_at <= $1 limit 5000 for update skip locked) returning id`,
    [new Date(now.getTime() - rememberedMs)],
  )
  return Math.max(ended.length, deleted.length)
}

/** Has a session act in another account of its user. @throws not_found */
export async function switchAccount(
  db: Database,
  userId: number,
  sessionId: bigint,
  accountId: number,
): Promise<void> {
  const rows = await db.once(
    `update sessions s set account_id = m.account_id from memberships m
      where s.id = $2 and s.user_id = $1 and m.user_id = $1 and m.account_id = $3 returning s.id`,
    [userId, sessionId, accountId],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'You belong to no such account.')
}

/** The accounts that a user belongs to, the oldest membership first. */
export function membershipsOf(db: Queryable, userId: number): Promise<Membership[]> {
  return db.query<Membership>(
    `select a.id as "accountId", a.name, a.currency, c.decimals, a.state, m.role
       from memberships m join accounts a on a.id = m.account_id join currencies c on c.code = a.currency
      where m.user_id = $1 order by m.created_at, a.id limit 1000`,
    [userId],
  )
}

/** Gives a session another token. The old one is valid no more. */
export async function renewToken(tx: Tx, sessionId: bigint): Promise<string> {
  const token = newToken()
  await tx.query('update sessions set hash = $2 where id = $1', [sessionId, hashOf(token)])
  return token
}

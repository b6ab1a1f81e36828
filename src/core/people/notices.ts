// Notices: mails to the people of an account about what happened there. They are read from the events, each
// event once, and queued in the transaction that moves the reader's position.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import type { EventRow } from '../events/tail.ts'
import { formatAmount } from '../money.ts'

export const noticeKinds = ['low_balance', 'deposit_credited', 'rental_ending'] as const
export type NoticeKind = (typeof noticeKinds)[number]

export const isNotice = (kind: string): kind is NoticeKind =>
  noticeKinds.some((one) => one === kind)

const kindOf: Readonly<Record<string, NoticeKind>> = {
  'balance.low': 'low_balance',
  'deposit.success': 'deposit_credited',
  'order.expiring': 'rental_ending',
}

/** Money concerns owners; rentals are used by members, too. */
const ownersOnly = {
  low_balance: true,
  deposit_credited: true,
  rental_ending: false,
} as const satisfies Record<NoticeKind, boolean>

const eventsATurn = 1_000
/** What is older is no news any more: nothing read the events meanwhile. */
const newsMs = 24 * 60 * 60 * 1000
/** How often one is told of the same low balance. */
const lowBalanceEveryMs = 60 * 60 * 1000

type Notice = { readonly kind: NoticeKind; readonly accountId: number; readonly facts: object }

/** Queues mails about new events.
 * @param origin that their links begin with; null: there is nowhere to lead to
 * @returns 1 if there may be more events to read, else 0 */
export async function queueNotices(
  db: Database,
  now: Date,
  origin: string | null,
): Promise<number> {
  const { isMore } = await readOn(db, 'notices', eventsATurn, async (tx, events) => {
    const notices = events.flatMap((event) => noticeOf(event, now))
    if (origin !== null) await queueFor(tx, now, origin, notices)
    return notices.length
  })
  return isMore ? 1 : 0
}

function noticeOf({ type, accountId, orderId, data, createdAt }: EventRow, now: Date): Notice[] {
  const kind = kindOf[type]
  if (!kind || now.getTime() - createdAt.getTime() > newsMs) return []
  const facts = orderId === null ? data : { order_id: String(orderId) }
  return [{ kind, accountId, facts }]
}

async function queueFor(
  tx: Tx,
  now: Date,
  origin: string,
  notices: readonly Notice[],
): Promise<void> {
  const lows = new Map(
    notices.filter(({ kind }) => kind === 'low_balance').map((one) => [one.accountId, one]),
  )
  const others = notices.filter(({ kind }) => kind !== 'low_balance')
  const told = await claimLowBalances(tx, now, [...lows.keys()])
  await insertMails(tx, now, { origin, notices: others, userIds: null })
  await insertMails(tx, now, { origin, notices: [...lows.values()], userIds: told })
}

/** Notes who is told of a low balance now. @returns the users */
async function claimLowBalances(
  tx: Tx,
  now: Date,
  accountIds: readonly number[],
): Promise<readonly number[]> {
  if (accountIds.length === 0) return []
  const rows = await tx.query<{ id: number }>(
    `update memberships m set low_balance_told_at = $2
      where m.account_id = any($1) and (m.low_balance_told_at is null or m.low_balance_told_at <= $3)
      returning m.user_id as id`,
    [accountIds, now, new Date(now.getTime() - lowBalanceEveryMs)],
  )
  return rows.map(({ id }) => id)
}

/** Whoever wants to know: they are there, their address is theirs, and they have not switched it off. */
const wants = (kind: string) =>
  `u.verified_at is not null and u.suspended_at is null and not (${kind} = any(u.notices_off))
   and (m.role = 'owner' or not (${kind} = any($1::text[])))`

const ownersKinds = noticeKinds.filter((kind) => ownersOnly[kind])

async function insertMails(
  tx: Tx,
  now: Date,
  wanted: {
    readonly origin: string
    readonly notices: readonly Notice[]
    readonly userIds: readonly number[] | null
  },
): Promise<void> {
  const { origin, notices, userIds } = wanted
  if (notices.length === 0) return
  await tx.query(
    `insert into mails (kind, email, origin, user_id, account_id, facts, due_at, created_at)
     select n.kind, u.email, $2, u.id, m.account_id, n.facts::jsonb, $3, $3
       from unnest($4::text[], $5::int[], $6::text[]) with ordinality as n(kind, account_id, facts, place)
       join memberships m on m.account_id = n.account_id
       join accounts a on a.id = m.account_id and a.state = 'active'
       join users u on u.id = m.user_id
      where ${wants('n.kind')} and ($7::int[] is null or u.id = any($7))
      order by n.place, u.id`,
    [
      ownersKinds,
      origin,
      now,
      notices.map(({ kind }) => kind),
      notices.map(({ accountId }) => accountId),
      notices.map(({ facts }) => JSON.stringify(facts)),
      userIds,
    ],
  )
}

type QueuedNotice = {
  readonly kind: NoticeKind
  readonly accountId: number | null
  readonly email: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** What a notice says, as it is when the mail is sent.
 * @returns null if it is no news any more, or for nobody: somebody left, or switched it off */
export async function factsOfNotice(
  tx: Tx,
  now: Date,
  { kind, accountId, email, facts }: QueuedNotice,
): Promise<Record<string, string | null> | null> {
  const [to] = await tx.query<{ account: string }>(
    `select a.name as account
       from memberships m join users u on u.id = m.user_id join accounts a on a.id = m.account_id
      where m.account_id = $2 and u.email = $3 and ${wants('$4::text')}`,
    [ownersKinds, accountId, email, kind],
  )
  const about = to && (await aboutOf[kind](tx, now, facts))
  return about ? { ...to, ...about } : null
}

type About = (
  db: Queryable,
  now: Date,
  facts: Readonly<Record<string, unknown>>,
) => Promise<Record<string, string> | null>

const aboutOf = {
  async low_balance(db, _now, { balance, low_balance: mark, currency }) {
    const [row] = await db.query<{ decimals: number }>(
      'select decimals from currencies where code = $1',
      [currency],
    )
    if (!row) return null
    const shown = (amount: unknown) => formatAmount(BigInt(String(amount)), row.decimals)
    return { balance: shown(balance), mark: shown(mark), currency: String(currency) }
  },
  async deposit_credited(db, _now, { deposit_id: id }) {
    const [row] = await db.query<{ amount: bigint; currency: string; decimals: number }>(
      `select d.amount, d.currency, c.decimals from deposits d join currencies c on c.code = d.currency
        where d.id = $1`,
      [id],
    )
    return row ? { amount: formatAmount(row.amount, row.decimals), currency: row.currency } : null
  },
  async rental_ending(db, now, { order_id: id }) {
    const [row] = await db.query<{ service: string | null; number: string | null; ends_at: Date }>(
      `select s.name as service, o.phone as number, o.expires_at as ends_at
         from orders o left join services s on s.id = o.service_id
        where o.id = $1 and o.state = 'active' and o.expires_at > $2`,
      [id, now],
    )
    if (!row) return null
    const { service, number, ends_at: endsAt } = row
    return { service: service ?? '', number: number ?? '', at: endsAt.toISOString() }
  },
} as const satisfies Record<NoticeKind, About>

/** Which notices a user gets, by kind. */
export type NoticeChoice = Readonly<Record<NoticeKind, boolean>>

export async function noticesOf(db: Queryable, userId: number): Promise<NoticeChoice> {
  const [row] = await db.query<{ off: NoticeKind[] }>(
    'select notices_off as off from users where id = $1',
    [userId],
  )
  const off = new Set(row?.off)
  return {
    low_balance: !off.has('low_balance'),
    deposit_credited: !off.has('deposit_credited'),
    rental_ending: !off.has('rental_ending'),
  }
}

/** Switches notices on and off; what is not given stays. @returns all of them */
export async function chooseNotices(
  db: Database,
  userId: number,
  choice: Readonly<Partial<Record<NoticeKind, boolean | undefined>>>,
): Promise<NoticeChoice> {
  const chosen = (isOn: boolean) => noticeKinds.filter((kind) => choice[kind] === isOn)
  await db.once(
    `update users set notices_off = array(
        select distinct kind from unnest(notices_off || $3::text[]) as k(kind)
         where not (kind = any($2::text[])) order by kind)
      where id = $1`,
    [userId, chosen(true), chosen(false)],
  )
  return noticesOf(db, userId)
}

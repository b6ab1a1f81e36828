// What an audit reads: everything, or what has changed since the last one. The checks are the same: in an
// increment the names of the large tables stand for those rows of them that the changed orders need.
import type { Tx } from '../../db/database.ts'
import type { Checkpoint } from './checkpoint.ts'

export type Scope = {
  /** Common table expressions for the statements of the checks. $1 is the time. */
  readonly tables: string
  /** $2 and further. */
  readonly values: readonly unknown[]
  /** Whether the names stand for a part of the rows, which has to be found first. */
  readonly isPart: boolean
}

const clock = 'clock as (select $1::timestamptz as now)'

/** All rows. The balances of the transfers in `chain` must continue from those in `openings`. */
export const everything: Scope = {
  tables: `${clock}, chain as (select * from transfers),
    sold_codes as (select * from esim_codes where order_id is not null),
    due_months as (select * from archived_months),
    openings as (select null::integer as ledger_account_id, null::bigint as amount where false)`,
  values: [],
  isPart: false,
}

// @NOTE inside an expression, its own name and those below it are the tables; those above it are expressions
const changedRows = `${clock},
  changed as materialized (select unnest($2::bigint[]) as id),
  fresh as materialized (select * from transfers where seq > $3::bigint),
  chain as (select * from fresh),
  openings as (select ledger_account_id, amount from audit_sums),
  entries as (
    select ledger_account_id, amount from audit_sums
    union all select debit_id, -amount from fresh
    union all select credit_id, amount from fresh),
  due_months as materialized (
    select * from archived_months m
     where m.archived_at > $5::timestamptz - interval '1 day'
        or exists (select from fresh where order_id >= m.orders_from and order_id < m.orders_to)),
  orders as materialized (select o.* from changed c join orders o on o.id = c.id),
  order_services as materialized (
    select s.* from changed c join order_services s on s.order_id = c.id),
  allocations as materialized (
    select a.* from changed c join allocations a on a.order_id = c.id),
  upstream_leases as materialized (
    select l.* from changed c join upstream_leases l on l.order_id = c.id),
  inboxes as materialized (select i.* from changed c join inboxes i on i.order_id = c.id),
  sold_codes as materialized (select e.* from changed c join esim_codes e on e.order_id = c.id),
  events as materialized (select e.* from changed c join events e on e.order_id = c.id),
  message_ids as materialized (
    select m.id from changed c join messages m on m.order_id = c.id
    union select id from messages where id > $4::bigint
    union select repeat_of from messages where id > $4::bigint and repeat_of is not null),
  messages as materialized (select m.* from message_ids i join messages m on m.id = i.id),
  deposits as materialized (
    select d.* from deposits d
     where greatest(d.created_at, d.paid_at, d.refunded_at) > $5::timestamptz - interval '1 day'
        or 'deposit ' || d.id || ' by ' || d.gateway in (select reference from fresh)),
  holds as materialized (
    select hold_id as id from orders where hold_id is not null
    union select claim_hold_id from orders where claim_hold_id is not null
    union select hold_id from order_services
    union select hold_id from fresh where hold_id is not null
    union select cost_hold_id from allocations where cost_hold_id is not null
    union select id from fresh where kind in ('hold', 'supply_hold')),
  transfers as materialized (
    select * from fresh
    union select t.* from due_months m cross join lateral (
      -- Kept apart, so that transfers are read only if there is such a month.
      select * from transfers where order_id >= m.orders_from and order_id < m.orders_to offset 0) t
    union select t.* from holds h join transfers t on t.id = h.id
    union select t.* from holds h join transfers t on t.hold_id = h.id and t.kind in ('post', 'void')
    union select t.* from holds h join transfers t on t.hold_id = h.id and t.kind = 'release'
    union select t.* from holds h join transfers t on t.hold_id = h.id and t.kind = 'refund'
    union select t.* from holds h join transfers t on t.hold_id = h.id
      and t.kind in ('supply_post', 'supply_void')
    union select t.* from holds h join transfers t on t.hold_id = h.id
      and t.kind in ('supply_refund', 'supply_adjust')
    union select t.* from deposits d join transfers t on t.account_id = d.account_id
      and t.reference = 'deposit ' || d.id || ' by ' || d.gateway)`

/** What has changed since a checkpoint. Open orders always belong to it. */
export async function changedSince(tx: Tx, checkpoint: Checkpoint): Promise<Scope> {
  const { transferSeq, messageId, eventEpoch, eventXid } = checkpoint
  const rows = await tx.query<{ id: bigint }>(
    `select order_id as id from transfers where seq > $1 and order_id is not null
     union select order_id from messages where id > $2 and order_id is not null
     union select order_id from events where (epoch, xid) >= ($3, $4::xid8) and order_id is not null
     union select order_id from leases where ended_at is null
     union select order_id from upstream_leases where ended_at is null
     union select order_id from allocations where state in ('planned', 'asking', 'unknown')
     union select a.order_id from transfers t join allocations a on a.cost_hold_id in (t.id, t.hold_id)
      where t.seq > $1 and t.kind in ('supply_hold', 'supply_post', 'supply_void', 'supply_refund')
     union select order_id from inboxes where ended_at is null`,
    [transferSeq, messageId, eventEpoch, eventXid],
  )
  const ids = rows.map(({ id }) => id)
  return {
    tables: changedRows,
    values: [ids, transferSeq, messageId, checkpoint.provedAt],
    isPart: true,
  }
}

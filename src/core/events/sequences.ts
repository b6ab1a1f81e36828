// The sequences of the database: those whose numbers somebody is told move on when an epoch begins, so that a
// number that was given and then lost in a restore or a promotion never names another thing.
import type { Tx } from '../../db/database.ts'

/**
 * `busy`: given by the second; what was lost is estimated. `rare`: given by hand, a few a day. `inner`:
 * nobody outside is told the number, or it is not an identity by itself.
 */
export const sequences = {
  accounts_id_seq: 'busy',
  api_keys_id_seq: 'busy',
  users_id_seq: 'busy',
  sessions_id_seq: 'busy',
  staff_keys_id_seq: 'rare',
  passkeys_id_seq: 'rare',
  order_ids: 'busy',
  messages_id_seq: 'busy',
  deposits_id_seq: 'busy',
  webhook_endpoints_id_seq: 'busy',
  webhook_deliveries_id_seq: 'busy',
  transfers_seq_seq: 'busy',
  numbers_id_seq: 'busy',
  audit_log_id_seq: 'busy',
  inbound_requests_id_seq: 'busy',
  // Part of the ids of messages whose vendor has none.
  split_messages_id_seq: 'busy',
  // Part of the ids of transfers.
  allocations_id_seq: 'busy',
  supplier_commands_id_seq: 'busy',
  max_prices_id_seq: 'rare',
  pinned_products_id_seq: 'busy',
  suppliers_id_seq: 'rare',
  offers_id_seq: 'rare',
  operators_id_seq: 'rare',
  esim_plans_id_seq: 'rare',
  number_batches_id_seq: 'rare',
  service_ids: 'rare',
  differences_id_seq: 'rare',
  // The id of an event is told together with its epoch.
  events_id_seq: 'inner',
  mails_id_seq: 'inner',
  ledger_accounts_id_seq: 'inner',
  shelves_id_seq: 'inner',
  sources_id_seq: 'inner',
  margin_rules_id_seq: 'inner',
  returned_numbers_position_seq: 'inner',
  sale_mark_ids: 'inner',
  // Four digits of an id that is a time.
  request_places: 'inner',
} as const satisfies Record<string, 'busy' | 'rare' | 'inner'>

/** More than a minute of purchases at the 15,000 a second that one primary carries: a standby that is further
 * behind is not promoted without a look at its newest event, which the estimate below does. */
const minBusy = 1_000_000
/** Above the average rate since the installation, for peaks. */
const peak = 100
const minRare = 1_000
/** The part of the remaining numbers that one epoch may use up at most: a column of 31 bits lasts for more
 * than a thousand epochs. */
const partOfRest = 1_000

/**
 * Moves the sequences on by more numbers than can have been lost: for those given by the second the larger of
 * a million and a hundred times the average rate for as long as nothing is known to have happened (since the
 * newest event). PostgreSQL itself may skip up to 32 numbers of a sequence after a crash, which is far less.
 * @NOTE `setval` is not undone if the transaction fails: then the numbers have moved on for nothing
 */
export async function moveSequencesOn(tx: Tx, now: Date): Promise<void> {
  const moving = Object.entries(sequences).filter(([, kind]) => kind !== 'inner')
  await tx.query(
    `with known as (
       select greatest(extract(epoch from $3::timestamptz - i.created_at), 3600) as age_s,
              greatest(extract(epoch from $3::timestamptz - coalesce((
                select e.created_at from events e order by e.epoch desc, e.xid desc, e.id desc limit 1),
                i.created_at)), 0) as lost_s
         from installation i
     ),
     places as (
       select m.name, m.is_busy, s.max_value, coalesce(s.last_value, s.start_value) as last,
              coalesce(s.last_value, s.start_value) - s.start_value as given
         from unnest($1::text[], $2::boolean[]) as m(name, is_busy)
         join pg_sequences s on s.sequencename = m.name and s.schemaname = any(current_schemas(false))
     )
     select setval(p.name::regclass, p.last + least(
              case when p.is_busy
                then greatest(${minBusy}, ceil(${peak} * p.given / k.age_s * k.lost_s))
                else ${minRare} end,
              (p.max_value - p.last) / ${partOfRest})::bigint)
       from places p cross join known k`,
    [moving.map(([name]) => name), moving.map(([, kind]) => kind === 'busy'), now],
  )
}

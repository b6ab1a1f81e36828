// The contents of a platform as one value, to compare before and after something that must change nothing.
import type { Queryable } from '../../src/db/database.ts'

/** Counts and sums of what a request could change. Stock changes with leases only: the audit checks that. */
export async function stateOf(db: Queryable): Promise<Record<string, unknown>> {
  const [row] = await db.query(
    `select (select count(*) from orders)::int as orders,
            (select coalesce(string_agg(state || code, ' ' order by id), '') from orders) as states,
            (select count(*) from leases)::int as leases,
            (select count(*) from leases where ended_at is null)::int as open_leases,
            (select count(*) from transfers)::int as transfers,
            (select count(*) from events)::int as events,
            (select count(*) from messages)::int as messages,
            (select count(*) from idempotency_keys)::int as idempotency_keys,
            (select count(*) from max_prices)::int as max_prices,
            (select count(*) from api_keys)::int as api_keys,
            (select count(*) from api_keys where revoked_at is not null)::int as revoked_keys,
            (select sum(sold) from esim_plans)::int as esims,
            (select string_agg(d::text, ' ' order by id) from deposits d) as deposits,
            (select count(*) from deposit_notices)::int as notices,
            (select string_agg(e::text, ' ' order by id) from webhook_endpoints e) as webhooks,
            (select count(*) from webhook_deliveries)::int as deliveries,
            (select string_agg(balance::text, ' ' order by id) from ledger_accounts
              where kind = 'customer') as balances`,
  )
  return row as Record<string, unknown>
}

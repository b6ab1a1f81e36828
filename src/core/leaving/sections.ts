// What an export of an account consists of, but for its transactions: a statement for each sort of record.

export type Section = {
  /** The `type` of its records. */
  readonly type: string
  /**
   * Rows of account $1 with `place` above $2, in its order, $3 at most. A column `ord:id` is shown as
   * the public id `id`, a column `money:price` as an amount; `is_followed` says whether anything can follow
   * the row.
   */
  readonly sql: string
  /** Fewer where rows may be large. */
  readonly rowsAPage?: number
  /** What follows each record: a section whose $1 is the `place` of that record. */
  readonly followedBy?: Section
}

const account = `
  select a.id::bigint as place, a.id as "acc:id", a.email, a.name, a.currency, a.state,
         w.balance as "money:balance", w.low_balance as "money:low_balance", a.created_at
    from accounts a join ledger_accounts w on w.kind = 'customer' and w.account_id = a.id
     and w.currency = a.currency
   where a.id = $1 and a.id > $2 limit $3`

const users = `
  select u.id::bigint as place, u.id as "usr:id", u.email, u.name, m.role, u.locale, u.language, u.theme,
         u.verified_at,
         u.password is not null as has_password, u.totp_confirmed_at is not null as has_authenticator,
         (select count(*) from passkeys p where p.user_id = u.id) as passkeys, u.created_at,
         m.created_at as member_since
    from memberships m join users u on u.id = m.user_id
   where m.account_id = $1 and u.id > $2 order by u.id limit $3`

const signIns = `
  select s.id as place, s.id as "ses:id", s.user_id as "usr:user_id", s.device, host(s.address) as address,
         s.created_at, s.last_seen_at, s.ended_at
    from sessions s join memberships m on m.user_id = s.user_id and m.account_id = $1
   where s.account_id = $1 and s.id > $2 order by s.id limit $3`

const invitations = `
  select row_number() over (order by l.created_at, l.hash) as place, l.email, l.role, l.created_at, l.ends_at,
         l.used_at
    from one_time_links l where l.account_id = $1 and l.purpose = 'invite' and $2 = 0
   order by place limit greatest($3, 10000)`

const keys = `
  select k.id::bigint as place, k.id as "key:id", k.name, k.hint, k.scopes, k.default_country,
         k.allowed_ips::text[] as allowed_ips, k.max_spend_a_day as "money:max_spend_a_day", k.created_at,
         k.last_used_at, k.expires_at, k.revoked_at
    from api_keys k where k.account_id = $1 and k.id > $2 order by k.id limit $3`

const pins = `
  select p.id::bigint as place, p.id as "pin:id", s.slug as service, p.country, p.pool, p.created_at
    from pinned_products p join services s on s.id = p.service_id
   where p.account_id = $1 and p.id > $2 order by p.id limit $3`

const maxPrices = `
  select x.id::bigint as place, s.slug as service, x.price as "money:price", x.created_at
    from max_prices x join services s on s.id = x.service_id
   where x.account_id = $1 and x.id > $2 order by x.id limit $3`

const orders = `
  select o.id as place, o.id as "ord:id", o.id as number, o.kind, o.state,
         (select s.slug from services s where s.id = o.service_id) as service,
         (select jsonb_agg(s.slug) from services s where s.id = any(o.services)) as services,
         o.country, o.pool, o.phone, o.email, o.price as "money:price", o.currency, o.code, o.reference,
         coalesce(o.metadata, '{}') as metadata, o.note, o.key_id as "key:key_id", o.created_at,
         o.received_at, o.expires_at, o.closed_at,
         exists (select from messages m where m.order_id = o.id
           and m.state in ('delivered', 'claimed')) as is_followed
    from orders o where o.account_id = $1 and o.id > $2 order by o.id limit $3`

const messages = `
  select m.id as place, m.id as "msg:id", m.order_id as "ord:order_id", m.channel, m.phone, m.address,
         m.sender, m.subject, m.text, m.html, m.code, m.links, m.received_at, m.purged_at
    from messages m
   where m.order_id = $1 and m.id > $2 and m.state in ('delivered', 'claimed') order by m.id limit $3`

const deposits = `
  select d.id as place, d.id as "dep:id", d.reference, d.gateway, d.state, d.amount as "money:amount",
         d.total as "money:total", d.currency, d.credited as "money:credited",
         d.customer_reference, coalesce(d.metadata, '{}') as metadata, d.created_at, d.expires_at, d.paid_at,
         d.refunded_at
    from deposits d where d.account_id = $1 and d.id > $2 order by d.id limit $3`

const webhooks = `
  select w.id::bigint as place, w.id as "whk:id", w.url, w.events, w.format, w.description, w.active,
         w.created_at, w.updated_at, true as is_followed
    from webhook_endpoints w where w.account_id = $1 and w.id > $2 order by w.id limit $3`

const deliveries = `
  select d.id as place, d.id as "dlv:id", d.endpoint_id as "whk:webhook_id", d.type as event, d.state,
         d.attempts, d.created_at, d.ended_at
    from webhook_deliveries d where d.endpoint_id = $1 and d.id > $2 order by d.id limit $3`

const requests = `
  select r.id as place, r.id as "req:id", r.method, r.path, r.dialect as api, r.status, r.ms as duration_ms,
         r.request_id, r.key_id as "key:key_id", host(r.address) as address,
         to_timestamp(r.id / 10000 / 1000.0) as created_at
    from request_log r where r.account_id = $1 and r.id > $2 order by r.id limit $3`

/** In the order of the export. */
export const sections: readonly Section[] = [
  { type: 'account', sql: account },
  { type: 'user', sql: users },
  { type: 'sign_in', sql: signIns },
  { type: 'invitation', sql: invitations, rowsAPage: 10_000 },
  { type: 'key', sql: keys },
  { type: 'pin', sql: pins },
  { type: 'max_price', sql: maxPrices },
  { type: 'order', sql: orders, followedBy: { type: 'message', sql: messages, rowsAPage: 20 } },
  { type: 'deposit', sql: deposits },
  { type: 'webhook', sql: webhooks, followedBy: { type: 'delivery', sql: deliveries } },
  { type: 'request', sql: requests, rowsAPage: 1_000 },
]

// Verbs on webhook endpoints.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { logOfKey } from '../accounts/key-origin.ts'
import { DomainError } from '../error.ts'
import { claimKey, noteSubject, type Once, type Repeated } from '../idempotency/idempotency.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'
import { assertDestination, type Network } from './destination.ts'
import { type Endpoint, eventNamesOf, newSecret, secretFor } from './endpoint.ts'
import { columns, type EndpointRow, toEndpoint, webhookNotFound } from './endpoint-rows.ts'
import { dropPending } from './report.ts'

/** The maximum per account. */
const maxEndpoints = 20
/** How long the old secret signs in addition to a new one. */
const rotationMs = 24 * 60 * 60 * 1000

/** What the verbs need besides the database. */
export type Surroundings = {
  readonly network: Network
  readonly secrets: SecretKeeper
}

export type EndpointTarget = { readonly accountId: number; readonly id: number }

/** An endpoint, and its secret, which is shown only this once. */
export type WithSecret = { readonly endpoint: Endpoint; readonly secret: string }

export type NewEndpoint = {
  readonly accountId: number
  readonly format: string
  readonly url: string
  readonly events: readonly string[]
  readonly description: string
  readonly once: Once | null
  /** The key that requests it. */
  readonly keyId?: number
}

/** Creates an endpoint. @throws invalid_request, host_lookup_failed, rate_limited, too_many_webhooks */
export async function createEndpoint(
  db: Database,
  now: Date,
  { network, secrets }: Surroundings,
  wanted: NewEndpoint,
): Promise<WithSecret | Repeated> {
  assertEvents(wanted.format, wanted.events)
  await assertDestination(network, wanted.accountId, wanted.url)
  const secret = newSecret()
  const stored = await secrets.keep(secret)
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
    await lockAccount(tx, wanted.accountId)
    await assertRoom(tx, wanted.accountId)
    const [row] = await tx.query<EndpointRow>(
      `insert into webhook_endpoints as e (account_id, format, url, events, description, secret,
         created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7) returning ${columns}`,
      [
        wanted.accountId,
        wanted.format,
        wanted.url,
        [...new Set(wanted.events)],
        wanted.description,
        stored,
        now,
      ],
    )
    const endpoint = toEndpoint(row as EndpointRow)
    await noteSubject(tx, wanted.accountId, wanted.once, {
      kind: 'webhook',
      ids: [BigInt(endpoint.id)],
    })
    await logEndpoint(tx, wanted.keyId, 'webhook.create', endpoint.id)
    return { endpoint, secret }
  })
}

export type EndpointChange = {
  readonly url?: string | undefined
  /** The name of a registered format. It has to have the events. */
  readonly format?: string | undefined
  readonly events?: readonly string[] | undefined
  readonly description?: string | undefined
  readonly isActive?: boolean | undefined
  /** The key that requests it. */
  readonly keyId?: number
}

/** Updates the given fields. Enabling an endpoint resets its failures. What is queued already is sent in the
 * format that it was queued for.
 * @throws webhook_not_found, invalid_request */
export async function changeEndpoint(
  db: Database,
  now: Date,
  { network }: Surroundings,
  target: EndpointTarget,
  change: EndpointChange,
): Promise<Endpoint> {
  // @NOTE before the host's addresses are looked up, and again in the transaction
  assertChange(await readEndpoint(db, target), change)
  if (change.url !== undefined) await assertDestination(network, target.accountId, change.url)
  return db.begin(async (tx) => {
    await lockEndpoint(tx, target)
    assertChange(await readEndpoint(tx, target), change)
    const [row] = await tx.query<EndpointRow>(
      `update webhook_endpoints e
          set url = coalesce($3::text, e.url), events = coalesce($4::text[], e.events),
              format = coalesce($8::text, e.format),
              description = coalesce($5::text, e.description),
              active = coalesce($6::boolean, e.active),
              off_reason = case when $6::boolean is null then e.off_reason end,
              failing_since = case when $6::boolean then null else e.failing_since end,
              quiet_until = case when $6::boolean or $3::text is not null then null
                else e.quiet_until end,
              updated_at = $7
        where e.account_id = $1 and e.id = $2 returning ${columns}`,
      [
        target.accountId,
        target.id,
        change.url ?? null,
        change.events ? [...new Set(change.events)] : null,
        change.description ?? null,
        change.isActive ?? null,
        now,
        change.format ?? null,
      ],
    )
    if (!row) throw webhookNotFound()
    if (change.isActive === false) await dropPending(tx, now, [target.id])
    await logEndpoint(tx, change.keyId, 'webhook.change', target.id)
    return toEndpoint(row)
  })
}

/** Deletes an endpoint and its pending deliveries. @throws webhook_not_found */
export function deleteEndpoint(db: Database, now: Date, target: EndpointTarget): Promise<Endpoint> {
  return db.begin(async (tx) => {
    const [row] = await tx.query<EndpointRow>(
      `delete from webhook_endpoints e where e.account_id = $1 and e.id = $2 returning ${columns}`,
      [target.accountId, target.id],
    )
    if (!row) throw webhookNotFound()
    await dropPending(tx, now, [target.id])
    return toEndpoint(row)
  })
}

/** Gives an endpoint a new secret. The old one also signs for a day, and so does the one before it if it
 * still did. @throws webhook_not_found */
export async function rotateSecret(
  db: Database,
  now: Date,
  { secrets }: Surroundings,
  target: EndpointTarget & { readonly once: Once | null },
): Promise<WithSecret | Repeated> {
  const secret = newSecret()
  const stored = await secrets.keep(secret)
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const [row] = await tx.query<EndpointRow>(
      `update webhook_endpoints e
          set older_secret = case when e.old_secret_until > $5 then e.old_secret end,
              old_secret = e.secret, old_secret_until = $4, secret = $3, updated_at = $5
        where e.account_id = $1 and e.id = $2 returning ${columns}`,
      [target.accountId, target.id, stored, new Date(now.getTime() + rotationMs), now],
    )
    if (!row) throw webhookNotFound()
    return { endpoint: toEndpoint(row), secret }
  })
}

const maxListed = 1_000

/** Lists an account's endpoints, oldest first, followed by those of single orders. */
export async function listEndpoints(db: Queryable, accountId: number): Promise<Endpoint[]> {
  const rows = await db.query<EndpointRow>(
    `select ${columns} from webhook_endpoints e where e.account_id = $1
      order by (e.order_id is not null), e.id limit $2`,
    [accountId, maxListed],
  )
  return rows.map(toEndpoint)
}

/** @throws webhook_not_found */
export async function readEndpoint(db: Queryable, target: EndpointTarget): Promise<Endpoint> {
  const [row] = await db.query<EndpointRow>(
    `select ${columns} from webhook_endpoints e where e.account_id = $1 and e.id = $2`,
    [target.accountId, target.id],
  )
  if (!row) throw webhookNotFound()
  return toEndpoint(row)
}

export type EndpointTerms = {
  readonly accountId: number
  readonly format: string
  readonly url: string
  readonly events: readonly string[]
  /** Null or too short: a new one is generated. */
  readonly secret: string | null
  readonly isActive: boolean
  /** The key that requests it. */
  readonly keyId?: number
}

/**
 * Sets the endpoint of a dialect, the account's oldest of that format, created if it does not exist. Its
 * secret is new, or the given one. It is shown only this once, and the old one is revoked.
 * @throws invalid_request if the URL may not be called
 */
export async function putEndpoint(
  db: Database,
  now: Date,
  { network, secrets }: Surroundings,
  terms: EndpointTerms,
): Promise<WithSecret> {
  await assertDestination(network, terms.accountId, terms.url)
  const secret = secretFor(terms.secret)
  const stored = await secrets.keep(secret)
  const events = [...new Set(terms.events)]
  return db.begin(async (tx) => {
    await lockAccount(tx, terms.accountId)
    const [changed] = await tx.query<EndpointRow>(
      `update webhook_endpoints e set url = $3, events = $4, secret = $5, old_secret = null,
         older_secret = null, old_secret_until = null, active = $6, off_reason = null, failing_since = null,
         quiet_until = null, updated_at = $7
        where e.id = (select min(id) from webhook_endpoints where account_id = $1 and format = $2
                        and order_id is null)
       returning ${columns}`,
      [terms.accountId, terms.format, terms.url, events, stored, terms.isActive, now],
    )
    if (changed) {
      if (!terms.isActive) await dropPending(tx, now, [changed.id])
      await logEndpoint(tx, terms.keyId, 'webhook.change', changed.id)
      return { endpoint: toEndpoint(changed), secret }
    }
    await assertRoom(tx, terms.accountId)
    const [row] = await tx.query<EndpointRow>(
      `insert into webhook_endpoints as e (account_id, format, url, events, secret, active, created_at,
         updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7) returning ${columns}`,
      [terms.accountId, terms.format, terms.url, events, stored, terms.isActive, now],
    )
    const endpoint = toEndpoint(row as EndpointRow)
    await logEndpoint(tx, terms.keyId, 'webhook.create', endpoint.id)
    return { endpoint, secret }
  })
}

/** Gets the endpoint of a dialect. @throws webhook_not_found */
export async function findEndpoint(
  db: Queryable,
  wanted: { readonly accountId: number; readonly format: string },
): Promise<Endpoint> {
  const [row] = await db.query<EndpointRow>(
    `select ${columns} from webhook_endpoints e where e.account_id = $1 and e.format = $2
      and e.order_id is null order by e.id limit 1`,
    [wanted.accountId, wanted.format],
  )
  if (!row) throw webhookNotFound()
  return toEndpoint(row)
}

/** Lists endpoints of all accounts, failing ones first, for the operator. */
export async function listAllEndpoints(db: Queryable, limit: number): Promise<Endpoint[]> {
  const rows = await db.query<EndpointRow>(
    `select ${columns} from webhook_endpoints e
      order by (e.off_reason is null), (e.failing_since is null), e.account_id, e.id limit $1`,
    [limit],
  )
  return rows.map(toEndpoint)
}

/** Texts are sent to an endpoint's URL, so endpoints set with an operator's key are written to the
 * operator log. */
function logEndpoint(tx: Tx, keyId: number | undefined, action: string, id: number) {
  return logOfKey(tx, keyId, { action, subject: { type: 'webhook', id } })
}

/** One at a time, so that the limit holds and a dialect's endpoint is created once. */
async function lockAccount(tx: Tx, accountId: number) {
  await tx.query('select 1 as yes from accounts where id = $1 for no key update', [accountId])
}

async function assertRoom(tx: Tx, accountId: number) {
  const [row] = await tx.query<{ there: number }>(
    `select count(*)::int as there from webhook_endpoints
      where account_id = $1 and order_id is null`,
    [accountId],
  )
  if ((row?.there ?? 0) >= maxEndpoints)
    throw new DomainError(
      'too_many_webhooks',
      `An account can have ${maxEndpoints} webhook endpoints. Delete one before creating another.`,
      { limit: maxEndpoints },
    )
}

/** Two changes at the same time, of the format and of the events, are checked one after the other. */
async function lockEndpoint(tx: Tx, { accountId, id }: EndpointTarget) {
  await tx.query(
    'select 1 as yes from webhook_endpoints where account_id = $1 and id = $2 for no key update',
    [accountId, id],
  )
}

function assertChange(found: Endpoint, { format, events }: EndpointChange) {
  if (events) assertEvents(format ?? found.format, events)
  else if (format !== undefined) assertEvents(format, found.events, '/format')
}

/** @param pointer the field at fault, if the events are not in the request */
function assertEvents(format: string, events: readonly string[], pointer?: string) {
  const names = eventNamesOf(format)
  const unknown = events.findIndex((event) => !names.includes(event))
  if (unknown < 0) return
  const detail = pointer
    ? `does not have the endpoint’s event ${events[unknown]}`
    : `must be of: ${names.join(', ')}`
  throw new DomainError(
    'invalid_request',
    `An endpoint of the format ${format} has no such events.`,
    {
      fields: [{ pointer: pointer ?? `/events/${unknown}`, detail }],
    },
  )
}

// API keys: creating, listing, revoking, and authenticating requests.
import { isIP } from 'node:net'
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimKey, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { lockWallets } from '../ledger/ledger.ts'
import type { Amount } from '../money.ts'
import { type By, statedReason } from '../operator-log.ts'
import { hashOf, hintOf, newKey } from './key.ts'
import { logOfKey } from './key-origin.ts'
import {
  defaultErrorForm,
  defaultScopes,
  dialectScope,
  errorFormNames,
  type Scope,
  scopeNames,
  scopesWithErrorForms,
} from './scopes.ts'

export type ApiKey = {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly hint: string
  readonly scopes: readonly Scope[]
  readonly defaultCountry: string | null
  /** The format of errors, for keys of a dialect that has several. */
  readonly errorForm: string
  readonly allowedIps: readonly string[]
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
  /** The operator who created it; null if the account's owner did. */
  readonly madeBy: string | null
  /** The key that created it; null for keys that operators created. */
  readonly madeWith: number | null
  /** What may be spent with it on a day, in the account's currency; null: as much as there is. */
  readonly maxSpendADay: Amount | null
  /** What was spent on the last day that it was used with a limit; null: none. */
  readonly spending: { readonly day: string; readonly spent: Amount } | null
  readonly createdAt: Date
}

const columns = `k.id, k.account_id, k.name, k.hint, k.scopes, k.default_country, k.error_form,
  k.allowed_ips::text[] as allowed_ips, k.expires_at, k.revoked_at, k.last_used_at,
  k.made_by, k.made_with, k.created_at, k.max_spend_a_day,
  (select s.day::text from key_spending s where s.key_id = k.id) as spent_day,
  (select s.spent from key_spending s where s.key_id = k.id) as spent`

export type WantedKey = {
  readonly accountId: number
  readonly name?: string
  readonly scopes?: readonly string[]
  readonly defaultCountry?: string | null
  readonly errorForm?: string
  readonly allowedIps?: readonly string[]
  readonly expiresAt?: Date | null
  readonly maxSpendADay?: Amount | null
  /** The key that requests it. */
  readonly madeWith?: number
  /** The operator who requests it. */
  readonly by?: By
}

/** The limit of active keys per account; revoked and expired keys do not count. */
export const maxActiveKeys = 50

export type NewKey = { readonly key: string; readonly apiKey: ApiKey }

/** Creates a key. Only this answer contains it: the database stores the hash.
 * @throws invalid_request, too_many_keys */
export async function createKey(db: Database | Tx, now: Date, wanted: WantedKey): Promise<NewKey> {
  return 'begin' in db ? db.begin((tx) => insertKey(tx, now, wanted)) : insertKey(db, now, wanted)
}

async function insertKey(tx: Tx, now: Date, wanted: WantedKey): Promise<NewKey> {
  const asked = wanted.scopes ?? defaultScopes
  assertScopes(asked)
  const errorForm = wanted.errorForm ?? defaultErrorForm
  assertErrorForm(errorForm, asked)
  const ips = wanted.allowedIps ?? []
  assertNetworks(ips)
  if (wanted.expiresAt && wanted.expiresAt <= now)
    throw invalid(
      'expires_at',
      `The time of expiry must be in the future, but ${wanted.expiresAt.toISOString()} is past.`,
    )
  await assertRoomForKey(tx, now, wanted.accountId)
  const key = newKey()
  const rows = await tx.query<ApiKeyRow>(
    `insert into api_keys as k (account_id, name, hash, hint, scopes, allowed_ips, expires_at,
       default_country, error_form, made_with, made_by, made_for, max_spend_a_day)
     values ($1, $2, $3, $4, $5,
       ${networks('$6')}, $7, $8, $9,
       $10, $11, $12, $13)
     returning ${columns}`,
    [
      wanted.accountId,
      wanted.name ?? '',
      hashOf(key),
      hintOf(key),
      asked,
      ips,
      wanted.expiresAt ?? null,
      wanted.defaultCountry ?? null,
      errorForm,
      wanted.madeWith ?? null,
      wanted.by?.actor ?? null,
      statedReason(wanted.by?.reason),
      wanted.maxSpendADay ?? null,
    ],
  )
  return { key, apiKey: toApiKey(rows[0] as ApiKeyRow) }
}

/** A list of addresses and networks, in the form of the database. */
const networks = (values: string) =>
  `(select coalesce(array_agg(network(ip::inet)), '{}') from unnest(${values}::text[]) as ip)`

function assertNetworks(ips: readonly string[]) {
  for (const ip of ips)
    if (!isNetwork(ip)) throw invalid('allowed_ips', `${ip} is not an IP address or network.`)
}

/** Runs under the account's lock, so that concurrent calls cannot exceed the limit together. */
async function assertRoomForKey(tx: Tx, now: Date, accountId: number) {
  const open = await tx.query(
    'select from accounts where id = $1 and closed_at is null for no key update',
    [accountId],
  )
  if (open.length === 0) throw new DomainError('not_found', 'There is no such account.')
  const [row] = await tx.query<{ active: number }>(
    `select count(*)::int as active from api_keys
      where account_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`,
    [accountId, now],
  )
  if ((row?.active ?? 0) >= maxActiveKeys)
    throw new DomainError(
      'too_many_keys',
      `An account can have ${maxActiveKeys} active API keys. Revoke one before creating another.`,
      { limit: maxActiveKeys },
    )
}

function assertScopes(asked: readonly string[]) {
  const names = scopeNames()
  if (asked.length === 0 || asked.some((scope) => !names.includes(scope)))
    throw invalid('scopes', `Each scope must be one of ${names.join(', ')}.`)
  // @NOTE a dialect's keys may be part of URLs and so appear in others' logs: they must open nothing else
  const alone = asked.find((scope) => dialectScope(scope))
  if (alone !== undefined && asked.length > 1)
    throw invalid('scopes', `The scope ${alone} cannot be combined with other scopes.`)
}

function assertErrorForm(form: string, asked: readonly string[]) {
  const names = errorFormNames()
  if (!names.includes(form))
    throw invalid('error_form', `The error form must be one of ${names.join(', ')}.`)
  const isOffered = asked.some((scope) => dialectScope(scope)?.errorForms.includes(form))
  if (form !== defaultErrorForm && !isOffered)
    throw invalid(
      'error_form',
      `Only keys with the scope ${scopesWithErrorForms().join(' or ')} can have another error form.`,
    )
}

/** Creates a key, once per idempotency key. @throws invalid_request, too_many_keys */
export function createKeyOnce(
  db: Database,
  now: Date,
  once: Once | null,
  wanted: WantedKey,
): Promise<NewKey | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, wanted.accountId, once))) return { repeated: true }
    const made = await createKey(tx, now, wanted)
    await logOfKey(tx, wanted.madeWith, {
      action: 'key.create',
      subject: { type: 'key', id: made.apiKey.id },
    })
    return made
  })
}

/** Lists an account's keys, oldest first, including inactive ones.
 * @param page.after the id of the last key of the previous page */
export async function listKeys(
  db: Queryable,
  accountId: number,
  page: { readonly after?: bigint | undefined; readonly limit: number },
): Promise<ApiKey[]> {
  const rows = await db.query<ApiKeyRow>(
    `select ${columns} from api_keys k where k.account_id = $1 and k.id > $2
      order by k.id limit $3`,
    [accountId, page.after ?? 0n, page.limit],
  )
  return rows.map(toApiKey)
}

/** @throws not_found */
export async function readKey(db: Queryable, accountId: number, keyId: number): Promise<ApiKey> {
  const [row] = await db.query<ApiKeyRow>(
    `select ${columns} from api_keys k where k.account_id = $1 and k.id = $2`,
    [accountId, keyId],
  )
  if (!row) throw new DomainError('not_found', 'There is no such key.')
  return toApiKey(row)
}

export type KeyChange = {
  readonly name?: string | undefined
  readonly maxSpendADay?: Amount | null | undefined
  readonly scopes?: readonly string[] | undefined
  readonly allowedIps?: readonly string[] | undefined
}

/** Changes a key's name, what it opens, from where, and how much may be spent with it. What it spent today
 * counts, also from before it had a limit. Nodes know the change once `settle` is awaited after the commit.
 * @throws not_found, invalid_request */
export function changeKey(
  db: Database,
  now: Date,
  target: { readonly accountId: number; readonly keyId: number },
  change: KeyChange,
): Promise<ApiKey> {
  const { accountId, keyId } = target
  return db.begin(async (tx) => {
    // Purchases lock the wallet first, too.
    if (change.maxSpendADay != null) await lockWallets(tx, [accountId])
    // Else two changes at once would each write back what the other has changed.
    await tx.query('select from api_keys where account_id = $1 and id = $2 for no key update', [
      accountId,
      keyId,
    ])
    const before = await readKey(tx, accountId, keyId)
    const scopes = change.scopes ?? before.scopes
    const ips = change.allowedIps ?? before.allowedIps
    assertScopes(scopes)
    assertErrorForm(before.errorForm, scopes)
    assertNetworks(ips)
    if (change.maxSpendADay != null) await countToday(tx, now, target)
    await tx.query(
      `update api_keys set name = $2, max_spend_a_day = $3, scopes = $4, allowed_ips = ${networks('$5')}
        where id = $1`,
      [
        keyId,
        change.name ?? before.name,
        change.maxSpendADay === undefined ? before.maxSpendADay : change.maxSpendADay,
        scopes,
        ips,
      ],
    )
    return readKey(tx, accountId, keyId)
  })
}

/** The newest orders among which those of today are looked for. */
const maxToday = 20_000

/** Counts what a key without a limit has spent today. The wallet is locked, which keeps purchases out. */
async function countToday(
  tx: Tx,
  now: Date,
  { accountId, keyId }: { readonly accountId: number; readonly keyId: number },
) {
  await tx.query(
    `insert into key_spending as s (key_id, day, spent)
     select k.id, ($3::timestamptz at time zone 'utc')::date, coalesce((
         select sum(o.price) from (select * from orders where account_id = $1 order by id desc
                                    limit ${maxToday}) o
          where o.key_id = k.id and o.state not in ('cancelled', 'expired', 'failed')
            and o.created_at >= date_trunc('day', $3::timestamptz, 'UTC')), 0)::bigint
       from api_keys k where k.id = $2 and k.max_spend_a_day is null
     on conflict (key_id) do update set day = excluded.day, spent = excluded.spent`,
    [accountId, keyId, now],
  )
}

/** Revokes a key. It is revoked on every node once `settle` is awaited after the commit. Safe to repeat.
 * @param accountId the account that must own the key; null for an operator
 * @throws not_found */
export async function revokeKey(db: Database, now: Date, keyId: number, accountId: number | null) {
  const rows = await db.once<ApiKeyRow>(
    `update api_keys k set revoked_at = coalesce(k.revoked_at, $2)
      where k.id = $1 and ($3::int is null or k.account_id = $3) returning ${columns}`,
    [keyId, now, accountId],
  )
  if (!rows[0]) throw new DomainError('not_found', 'There is no such key.')
  return toApiKey(rows[0])
}

/** An address, or a network in CIDR form. */
function isNetwork(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined || address.includes('%')) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

type ApiKeyRow = {
  id: number
  account_id: number
  name: string
  hint: string
  scopes: Scope[]
  default_country: string | null
  error_form: string
  allowed_ips: string[]
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
  made_by: string | null
  made_with: number | null
  created_at: Date
  max_spend_a_day: Amount | null
  spent_day: string | null
  spent: Amount | null
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    defaultCountry: row.default_country,
    errorForm: row.error_form,
    allowedIps: row.allowed_ips,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    madeBy: row.made_by,
    madeWith: row.made_with,
    maxSpendADay: row.max_spend_a_day,
    spending:
      row.spent_day === null || row.spent === null
        ? null
        : { day: row.spent_day, spent: row.spent },
    createdAt: row.created_at,
  }
}

const invalid = (pointer: string, detail: string) =>
  new DomainError('invalid_request', detail, { fields: [{ pointer: `/${pointer}`, detail }] })

// Suppliers: the sources of numbers and their messages.
import type { Database, Queryable } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { type AccessWatch, remembered } from '../accounts/access.ts'
import { hashOf, randomText } from '../accounts/key.ts'
import { DomainError } from '../error.ts'
import { limitsIn } from './supplier-limits.ts'

/** `paused`: its messages are taken, and it is asked for nothing new. `off`: nothing is taken either. */
export type SupplierState = 'on' | 'paused' | 'off'

/** Settings as the database has them, by key: plain values, and secrets as a `SecretKeeper` stores them. */
export type StoredSettings = {
  readonly config: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
}

export type Supplier = StoredSettings & {
  readonly id: number
  readonly name: string
  /** One of src/supply/kinds.ts. */
  readonly kind: string
  readonly state: SupplierState
  /** Whether it has a secret for `POST /api/callback`. */
  readonly hasSecret: boolean
  /** Of the token in the URL that it calls when something has changed; null: it has none. */
  readonly hookTokenHash: Buffer | null
  readonly createdAt: Date
}

type SupplierRow = StoredSettings & {
  id: number
  name: string
  kind: string
  state: SupplierState
  has_secret: boolean
  hook_token_hash: Buffer | null
  created_at: Date
}

const columns =
  'id, name, kind, state, secret_hash is not null as has_secret, hook_token_hash, config, secrets, created_at'

const noSettings: StoredSettings = { config: {}, secrets: {} }

/** Adds a supplier with a secret for `POST /api/callback`. Only this answer contains it.
 * @throws invalid_request */
export async function createSupplier(
  db: Queryable,
  wanted: { readonly name: string; readonly kind: string },
  settings: StoredSettings = noSettings,
): Promise<{ supplier: Supplier; secret: string }> {
  const secret = newSecret()
  return { supplier: await insert(db, { ...wanted, ...settings }, secret), secret }
}

/** Adds a supplier whose messages do not come by `POST /api/callback`. @param currency what its costs are in;
 * null: it is not asked for numbers @throws invalid_request */
export const createWithoutSecret = (
  db: Queryable,
  wanted: { readonly name: string; readonly kind: string },
  settings: StoredSettings,
  currency: string | null = null,
): Promise<Supplier> => insert(db, { ...wanted, ...settings }, null, currency)

async function insert(
  db: Queryable,
  wanted: { readonly name: string; readonly kind: string } & StoredSettings,
  secret: string | null,
  currency: string | null = null,
): Promise<Supplier> {
  if (!/^[a-z0-9][a-z0-9_-]{0,40}$/.test(wanted.name))
    throw new DomainError(
      'invalid_request',
      'The supplier’s name must have at most 41 characters: lower-case letters, digits, - and _.',
    )
  const { name, kind, config, secrets } = wanted
  const { maxAsking, askTimeoutMs, dailyLimit } = limitsIn(wanted)
  try {
    const [row] = await db.query<SupplierRow>(
      `insert into suppliers (name, kind, secret_hash, config, secrets, currency, max_asking, ask_timeout_ms,
         daily_limit)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${columns}`,
      [
        ...[name, kind, secret && hashOf(secret), config, secrets, currency],
        ...[maxAsking, askTimeoutMs, dailyLimit],
      ],
    )
    return toSupplier(row as SupplierRow)
  } catch (error) {
    if (isUniqueViolation(error, 'suppliers_name_key'))
      throw new DomainError('invalid_request', `A supplier named ${wanted.name} already exists.`)
    throw error
  }
}

/** Gives a supplier a new secret; the old one is revoked at once. @throws not_found */
export async function rotateSecret(db: Database, name: string) {
  const secret = newSecret()
  const [row] = await db.once<SupplierRow>(
    `update suppliers set secret_hash = $2 where name = $1 returning ${columns}`,
    [name, hashOf(secret)],
  )
  if (!row) throw missing(name)
  return { supplier: toSupplier(row), secret }
}

/** Gives a supplier a new token for the URL that it calls when something has changed; the old one is revoked
 * at once. @throws not_found */
export async function rotateHookToken(db: Queryable, name: string) {
  const token = `nlh_${randomText(40)}`
  const [row] = await db.query<SupplierRow>(
    `update suppliers set hook_token_hash = $2 where name = $1 returning ${columns}`,
    [name, hashOf(token)],
  )
  if (!row) throw missing(name)
  return { supplier: toSupplier(row), token }
}

/** Changes the state of a supplier. Safe to repeat. @throws not_found */
export async function setSupplierState(db: Database, name: string, state: SupplierState) {
  const [row] = await db.once<SupplierRow>(
    `update suppliers set state = $2, paused_until = null where name = $1 returning ${columns}`,
    [name, state],
  )
  if (!row) throw missing(name)
  return toSupplier(row)
}

/** Replaces the settings of a supplier whose row is locked.
 * @param currency what its costs are in from now on, unless there are some: these change with its next
 * price list */
export async function replaceSettings(
  db: Queryable,
  id: number,
  settings: StoredSettings,
  currency: string | null = null,
) {
  const { maxAsking, askTimeoutMs, dailyLimit } = limitsIn(settings)
  const [row] = await db.query<SupplierRow>(
    `update suppliers p set config = $2, secrets = $3, max_asking = $4, ask_timeout_ms = $5,
            daily_limit = $6, currency = case when $7::text is null
              or exists (select from sources s where s.supplier_id = p.id) then currency else $7 end
      where id = $1 returning ${columns}`,
    [id, settings.config, settings.secrets, maxAsking, askTimeoutMs, dailyLimit, currency],
  )
  return toSupplier(row as SupplierRow)
}

/** Lists suppliers, oldest first. */
export async function listSuppliers(db: Queryable, limit: number): Promise<Supplier[]> {
  const rows = await db.query<SupplierRow>(
    `select ${columns} from suppliers order by id limit $1`,
    [limit],
  )
  return rows.map(toSupplier)
}

const maxOfKind = 1_000

/** The suppliers of a kind that are not off, oldest first. */
export async function suppliersOfKind(db: Queryable, kind: string): Promise<Supplier[]> {
  const rows = await db.query<SupplierRow>(
    `select ${columns} from suppliers where kind = $1 and state <> 'off' order by id limit ${maxOfKind}`,
    [kind],
  )
  return rows.map(toSupplier)
}

/** The suppliers that numbers are asked of at the moment of an order, and that are not off, oldest first. */
export async function suppliersAsked(db: Queryable): Promise<Supplier[]> {
  const rows = await db.query<SupplierRow>(
    `select ${columns} from suppliers where currency is not null and state <> 'off'
      order by id limit ${maxOfKind}`,
  )
  return rows.map(toSupplier)
}

/** @throws not_found */
export async function getSupplier(
  db: Queryable,
  name: string,
  lock: '' | 'for no key update' = '',
): Promise<Supplier> {
  const [row] = await db.query<SupplierRow>(
    `select ${columns} from suppliers where name = $1 ${lock}`,
    [name],
  )
  if (!row) throw missing(name)
  return toSupplier(row)
}

/** Suppliers as one object, as they use it. What operators do with them is in src/core/operating. */
export type Suppliers = {
  /** The supplier with a secret, unless it is off. Every node refuses a revoked one once its revocation is
   * answered. @throws unauthenticated */
  recognise(secret: string | null): Promise<Supplier>
  /** A supplier by name, in any state. Every node knows a change once it is answered. */
  named(name: string): Promise<Supplier | undefined>
}

/** Composes what suppliers use. */
export function supplierVerbs(db: Database, access: AccessWatch): Suppliers {
  const bySecret = remembered<Supplier>(access, (hashes) => suppliersBySecret(db, hashes))
  const byName = remembered<Supplier>(access, (hashes) => suppliersByName(db, hashes))
  return {
    async recognise(secret) {
      const supplier = secret === null ? undefined : await bySecret(hashOf(secret))
      if (!supplier)
        throw new DomainError('unauthenticated', 'The supplier’s secret is missing or wrong.')
      return supplier
    },
    named: async (name) => byName(hashOf(name)),
  }
}

/** The supplier for each secret's hash, in the order of the hashes. */
async function suppliersBySecret(
  db: Queryable,
  hashes: readonly Buffer[],
): Promise<(Supplier | undefined)[]> {
  const rows = await db.query<SupplierRow & { hash: Buffer }>(
    `select ${columns}, secret_hash as hash from suppliers
      where secret_hash = any($1) and state <> 'off'`,
    [hashes],
  )
  return inOrder(hashes, rows)
}

/** The supplier for each name's hash. There are few suppliers, so that no index is needed. */
async function suppliersByName(
  db: Queryable,
  hashes: readonly Buffer[],
): Promise<(Supplier | undefined)[]> {
  const rows = await db.query<SupplierRow & { hash: Buffer }>(
    `select s.* from (
       select ${columns}, sha256(convert_to(name, 'UTF8')) as hash from suppliers) s
      where s.hash = any($1)`,
    [hashes],
  )
  return inOrder(hashes, rows)
}

function inOrder(hashes: readonly Buffer[], rows: readonly (SupplierRow & { hash: Buffer })[]) {
  const byHash = new Map(rows.map((row) => [row.hash.toString('latin1'), toSupplier(row)]))
  return hashes.map((hash) => byHash.get(hash.toString('latin1')))
}

const newSecret = () => `nls_${randomText(40)}`

const missing = (name: string) => new DomainError('not_found', `There is no supplier ${name}.`)

function toSupplier(row: SupplierRow): Supplier {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    hasSecret: row.has_secret,
    hookTokenHash: row.hook_token_hash,
    config: row.config,
    secrets: row.secrets,
    createdAt: row.created_at,
  }
}

// Suppliers: the sources of numbers and their messages.
import type { Database, Queryable } from '../../db/database.ts'
import { isUniqueViolation } from '../../db/errors.ts'
import { type AccessWatch, remembered } from '../accounts/access.ts'
import { hashOf, randomText } from '../accounts/key.ts'
import { DomainError } from '../error.ts'

export const supplierKinds = ['simulator', 'http-callback'] as const
export type SupplierKind = (typeof supplierKinds)[number]

export type Supplier = {
  readonly id: number
  readonly name: string
  readonly kind: SupplierKind
  readonly state: 'active' | 'disabled'
  readonly hasSecret: boolean
  readonly createdAt: Date
}

type SupplierRow = {
  id: number
  name: string
  kind: SupplierKind
  state: 'active' | 'disabled'
  has_secret: boolean
  created_at: Date
}

const columns = 'id, name, kind, state, secret_hash is not null as has_secret, created_at'

/** Adds a supplier. Only this answer contains its secret. @throws invalid_request */
export async function createSupplier(
  db: Queryable,
  supplier: { readonly name: string; readonly kind: string },
): Promise<{ supplier: Supplier; secret: string }> {
  if (!(supplierKinds as readonly string[]).includes(supplier.kind))
    throw new DomainError('invalid_request', `The kind must be one of ${supplierKinds.join(', ')}.`)
  if (!/^[a-z0-9][a-z0-9_-]{0,40}$/.test(supplier.name))
    throw new DomainError(
      'invalid_request',
      'The supplier’s name must have at most 41 characters: lower-case letters, digits, - and _.',
    )
  const secret = newSecret()
  try {
    const [row] = await db.query<SupplierRow>(
      `insert into suppliers (name, kind, secret_hash) values ($1, $2, $3) returning ${columns}`,
      [supplier.name, supplier.kind, hashOf(secret)],
    )
    return { supplier: toSupplier(row as SupplierRow), secret }
  } catch (error) {
    if (isUniqueViolation(error, 'suppliers_name_key'))
      throw new DomainError('invalid_request', `A supplier named ${supplier.name} already exists.`)
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

/** Enables or disables messages from a supplier. Safe to repeat. @throws not_found */
export async function setSupplierState(db: Database, name: string, state: Supplier['state']) {
  const [row] = await db.once<SupplierRow>(
    `update suppliers set state = $2 where name = $1 returning ${columns}`,
    [name, state],
  )
  if (!row) throw missing(name)
  return toSupplier(row)
}

/** Lists suppliers, oldest first. */
export async function listSuppliers(db: Queryable, limit: number): Promise<Supplier[]> {
  const rows = await db.query<SupplierRow>(
    `select ${columns} from suppliers order by id limit $1`,
    [limit],
  )
  return rows.map(toSupplier)
}

/** @throws not_found */
export async function getSupplier(db: Queryable, name: string): Promise<Supplier> {
  const [row] = await db.query<SupplierRow>(`select ${columns} from suppliers where name = $1`, [
    name,
  ])
  if (!row) throw missing(name)
  return toSupplier(row)
}

/** Suppliers as one object, as they use it. What operators do with them is in src/core/operating. */
export type Suppliers = {
  /** The active supplier with a secret. Every node refuses a revoked one once its revocation is answered.
   * @throws unauthenticated */
  recognise(secret: string | null): Promise<Supplier>
}

/** Composes what suppliers use. */
export function supplierVerbs(db: Database, access: AccessWatch): Suppliers {
  const find = remembered<Supplier>(access, (hashes) => suppliersBySecret(db, hashes))
  return {
    async recognise(secret) {
      const supplier = secret === null ? undefined : await find(hashOf(secret))
      if (!supplier)
        throw new DomainError('unauthenticated', 'The supplier’s secret is missing or wrong.')
      return supplier
    },
  }
}

/** The active supplier for each secret's hash, in the order of the hashes. */
async function suppliersBySecret(
  db: Queryable,
  hashes: readonly Buffer[],
): Promise<(Supplier | undefined)[]> {
  const rows = await db.query<SupplierRow & { secret_hash: Buffer }>(
    `select ${columns}, secret_hash from suppliers where secret_hash = any($1) and state = 'active'`,
    [hashes],
  )
  const byHash = new Map(rows.map((row) => [row.secret_hash.toString('latin1'), toSupplier(row)]))
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
    createdAt: row.created_at,
  }
}

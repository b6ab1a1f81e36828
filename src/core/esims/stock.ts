// The stock of activation codes: imported, encrypted, and re-encrypted when the key changes.
import type { Database, Tx } from '../../db/database.ts'
import type { Sealed, Vault } from '../vault/vault.ts'
import { identityOf } from './esim.ts'
import { planNotFound } from './plans.ts'

export type ImportedCodes = {
  readonly imported: number
  /** Positions in the given list of codes that are already in stock, or are duplicates within the list. */
  readonly doubles: readonly number[]
}

/** Any number, the same in every version: imports run one at a time. */
const importLock = 728_110_564

/**
 * Adds codes to a plan's stock. A code can be added once over all plans, even after it was sold.
 * @param codes checked by `activationCodeProblem`; a few thousand at most
 * @throws plan_not_found
 */
export function importCodes(
  db: Database,
  now: Date,
  vault: Vault,
  batch: { readonly planName: string; readonly codes: readonly string[] },
): Promise<ImportedCodes> {
  return db.begin(async (tx) => {
    // @NOTE a code under an older key has another fingerprint, so no unique index would catch a duplicate
    await tx.query('select pg_advisory_xact_lock($1)', [importLock])
    const [plan] = await tx.query<{ id: number; imported: number }>(
      'select id, imported from esim_plans where lower(name) = lower($1) for no key update',
      [batch.planName],
    )
    if (!plan) throw planNotFound()
    const { fresh, doubles } = await sortOut(tx, vault, batch.codes)
    await insertCodes(tx, now, plan, fresh)
    return { imported: fresh.length, doubles }
  })
}

async function sortOut(tx: Tx, vault: Vault, codes: readonly string[]) {
  const prints = codes.map((code) => vault.fingerprintsOf(identityOf(code)))
  const rows = await tx.query<{ fingerprint: Buffer }>(
    'select fingerprint from esim_codes where fingerprint = any($1)',
    [prints.flat()],
  )
  const known = new Set(rows.map((row) => row.fingerprint.toString('hex')))
  const fresh: Sealed[] = []
  const doubles: number[] = []
  for (const [place, code] of codes.entries()) {
    const names = (prints[place] as Buffer[]).map((print) => print.toString('hex'))
    if (names.some((name) => known.has(name))) doubles.push(place)
    else {
      for (const name of names) known.add(name)
      fresh.push(vault.seal(code, identityOf(code)))
    }
  }
  return { fresh, doubles }
}

async function insertCodes(
  tx: Tx,
  now: Date,
  plan: { readonly id: number; readonly imported: number },
  codes: readonly Sealed[],
) {
  await tx.query(
    `insert into esim_codes (plan_id, position, key_id, fingerprint, sealed, created_at)
     select $1, $2 + c.place, c.key_id, c.fingerprint, c.sealed, $3
       from unnest($4::text[], $5::bytea[], $6::bytea[])
            with ordinality as c(key_id, fingerprint, sealed, place)`,
    [
      plan.id,
      plan.imported,
      now,
      codes.map((code) => code.keyId),
      codes.map((code) => code.fingerprint),
      codes.map((code) => code.sealed),
    ],
  )
  await tx.query('update esim_plans set imported = imported + $2 where id = $1', [
    plan.id,
    codes.length,
  ])
}

const codesASealing = 500

/**
 * Re-encrypts codes that use an older key with the current one, some hundreds at a time.
 * @returns the number re-encrypted; a full batch (500) means that there may be more
 * @throws CannotOpen if a code's key is missing
 */
export function reencryptCodes(db: Database, vault: Vault): Promise<number> {
  return db.begin(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [importLock])
    const rows = await tx.query<SealedRow>(
      `select plan_id, position, key_id, fingerprint, sealed from esim_codes
        where key_id <> $1 order by key_id, plan_id, position limit ${codesASealing}
        for no key update`,
      [vault.keyId],
    )
    const sealed = rows.map((row) => {
      const code = vault.open(toSealed(row))
      return vault.seal(code, identityOf(code))
    })
    await tx.query(
      `update esim_codes c set key_id = n.key_id, fingerprint = n.fingerprint, sealed = n.sealed
         from unnest($1::int[], $2::int[], $3::text[], $4::bytea[], $5::bytea[])
              as n(plan_id, position, key_id, fingerprint, sealed)
        where c.plan_id = n.plan_id and c.position = n.position`,
      [
        rows.map((row) => row.plan_id),
        rows.map((row) => row.position),
        sealed.map((one) => one.keyId),
        sealed.map((one) => one.fingerprint),
        sealed.map((one) => one.sealed),
      ],
    )
    return rows.length
  })
}

/** A code as stored in the database. */
export type SealedRow = {
  plan_id: number
  position: number
  key_id: string
  fingerprint: Buffer
  sealed: Buffer
}

export const toSealed = (row: SealedRow): Sealed => ({
  keyId: row.key_id,
  fingerprint: row.fingerprint,
  sealed: row.sealed,
})

export type ListedCode = {
  readonly plan: string
  readonly position: number
  readonly keyId: string
  readonly orderId: bigint | null
  readonly soldAt: Date | null
  readonly importedAt: Date
}

/** Lists codes without their secrets: their location and state, the newest sales first. */
export function listCodes(
  db: Pick<Database, 'query'>,
  wanted: { readonly planName: string | null; readonly limit: number },
): Promise<ListedCode[]> {
  return db.query<ListedCode>(
    `select p.name as plan, c.position, c.key_id as "keyId", c.order_id as "orderId",
            c.sold_at as "soldAt", c.created_at as "importedAt"
       from esim_codes c join esim_plans p on p.id = c.plan_id
      where $1::text is null or lower(p.name) = lower($1)
      order by c.order_id desc nulls last, c.plan_id, c.position limit $2`,
    [wanted.planName, wanted.limit],
  )
}

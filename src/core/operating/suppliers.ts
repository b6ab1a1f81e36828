// Operators' verbs on suppliers: their settings, states and secrets, and the requests that were set aside.
import { databaseTime } from '../../db/clock.ts'
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { asideById, type RequestParts, readAgain } from '../inbound/requests.ts'
import { limitKeys, limitTexts } from '../inventory/supplier-limits.ts'
import {
  type Configurable,
  currencyIn,
  type GivenSetting,
  withGiven,
} from '../inventory/supplier-settings.ts'
import {
  createSupplier,
  createWithoutSecret,
  getSupplier,
  replaceSettings,
  rotateHookToken,
  rotateSecret,
  type StoredSettings,
  type Supplier,
  type SupplierState,
  setSupplierState,
} from '../inventory/suppliers.ts'
import { append, type By, logged, needReason } from '../operator-log.ts'
import { restockOf } from '../supply/source-news.ts'
import { readSupplierRules, type SupplierRules, writeSupplierRules } from '../upkeep/rules.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'

/** What these verbs need to know of a kind (src/supply/supplier.ts). */
export type KindToAdd = Configurable & {
  readonly features: { readonly callback: boolean }
  readonly upstream?: { readonly takesHints: boolean }
}

/** What a supplier sends us with: only this answer contains it. */
export type Given = {
  readonly supplier: Supplier
  /** For `POST /api/callback`; null: its kind has none. */
  readonly secret: string | null
  /** In the URL that it calls when something has changed; null: its kind calls none. */
  readonly token: string | null
}

const hasHook = ({ upstream }: KindToAdd) => upstream?.takesHints ?? false

const ofSupplier = (name: string) => ({ subject: { type: 'supplier', id: name } }) as const
const keysOf = (given: readonly GivenSetting[]) => [...new Set(given.map(({ key }) => key))].sort()

/** Adds a supplier. Only this answer contains what it sends us with. @throws invalid_request */
export async function addSupplier(
  db: Database,
  by: By,
  wanted: { readonly name: string; readonly kind: KindToAdd },
  given: readonly GivenSetting[],
  keeper: SecretKeeper,
): Promise<Given> {
  const { name, kind } = wanted
  const settings = await withGiven(kind, { config: {}, secrets: {} }, given, keeper)
  const row = { name, kind: kind.name }
  return logged(
    db,
    by,
    async (within, tx) => {
      if (kind.features.callback)
        return { ...(await createSupplier(within, row, settings)), token: null }
      const currency = currencyIn(kind, settings)
      const supplier = await createWithoutSecret(within, row, settings, currency)
      const token = hasHook(kind) ? (await rotateHookToken(tx, name)).token : null
      return { supplier, secret: null, token }
    },
    () => ({
      action: 'supplier.create',
      ...ofSupplier(name),
      detail: { kind: kind.name, ...(given.length === 0 ? {} : { settings: keysOf(given) }) },
    }),
  )
}

/** Changes settings of a supplier; an empty value takes one away. `revocationKnown` after the commit makes
 * the change known everywhere. The log has the keys, and values only of limits.
 * @throws not_found, invalid_request */
export function changeSupplier(
  db: Database,
  by: By,
  wanted: { readonly name: string; readonly kind: Configurable },
  given: readonly GivenSetting[],
  keeper: SecretKeeper,
): Promise<Supplier> {
  return logged(
    db,
    by,
    async (_within, tx) => {
      const before = await getSupplier(tx, wanted.name, 'for no key update')
      const settings = await withGiven(wanted.kind, before, given, keeper)
      const currency = currencyIn(wanted.kind, settings)
      return { before, after: await replaceSettings(tx, before.id, settings, currency) }
    },
    ({ before, after }) => ({
      action: 'supplier.set',
      ...ofSupplier(wanted.name),
      detail: { settings: keysOf(given), ...(hasLimits(given) ? changesOf(before, after) : {}) },
    }),
  ).then(({ after }) => after)
}

const hasLimits = (given: readonly GivenSetting[]) =>
  given.some(({ key }) => limitKeys.some((one) => one === key))

const changesOf = (before: Supplier, after: Supplier) => ({
  before: limitTexts(before),
  after: limitTexts(after),
})

/** Gives a supplier a new secret, or a new token; `revocationKnown` after the commit revokes the old one
 * everywhere. @throws not_found, invalid_request if its kind has none */
export async function rotateSupplier(
  db: Database,
  by: By,
  { name, kind }: { readonly name: string; readonly kind: KindToAdd },
): Promise<Given> {
  if (!kind.features.callback && !hasHook(kind))
    throw new DomainError(
      'invalid_request',
      `A supplier of the kind ${kind.name} has no secret of Numlet’s. Change what its vendor has given ` +
        'with `suppliers set`.',
    )
  return logged(
    db,
    by,
    async (within, tx) =>
      kind.features.callback
        ? { ...(await rotateSecret(within, name)), token: null }
        : { ...(await rotateHookToken(tx, name)), secret: null },
    () => ({ action: 'supplier.rotate', ...ofSupplier(name) }),
  )
}

const stateActions = {
  on: 'supplier.enable',
  paused: 'supplier.pause',
  off: 'supplier.disable',
} as const satisfies Record<SupplierState, string>

/** Turns a supplier on or off, or pauses it. Safe to repeat. @throws not_found */
export function setSupplier(
  db: Database,
  by: By,
  name: string,
  state: SupplierState,
): Promise<Supplier> {
  return logged(
    db,
    by,
    async (within, tx) => {
      const supplier = await setSupplierState(within, name, state)
      await restockOf(tx, await databaseTime(tx), [supplier.id])
      return supplier
    },
    () => ({ action: stateActions[state], ...ofSupplier(name) }),
  )
}

/** Changes a supplier's own rules for its numbers; null: the platform's. @throws not_found */
export function ruleSupplier(
  db: Database,
  by: By,
  name: string,
  wanted: Partial<SupplierRules>,
): Promise<SupplierRules> {
  return logged(
    db,
    by,
    async (_within, tx) => {
      const { id } = await getSupplier(tx, name, 'for no key update')
      const before = await readSupplierRules(tx, id)
      const after = { ...before, ...wanted }
      await writeSupplierRules(tx, id, after)
      return { before, after }
    },
    (detail) => ({ action: 'supplier.rules', ...ofSupplier(name), detail }),
  ).then(({ after }) => after)
}

const suppliersARound = 100

/** Encrypts all secrets of suppliers with the vault's first key. @returns the number of changed secrets
 * @throws CannotOpen if a secret's key is missing */
export async function rekeySuppliers(
  db: Database,
  by: By,
  keeper: SecretKeeper,
  keyId: string,
): Promise<number> {
  let sealed = 0
  for (let last: number | null = 0; last !== null; ) {
    const after: number = last
    const round = await db.begin((tx) => renewRound(tx, keeper, after))
    sealed += round.renewed
    last = round.last
  }
  await append(db, by, { action: 'suppliers.rekey', detail: { sealed, key_id: keyId } })
  return sealed
}

async function renewRound(tx: Tx, keeper: SecretKeeper, after: number) {
  const rows = await tx.query<StoredSettings & { id: number }>(
    `select id, config, secrets from suppliers where id > $1
      order by id limit ${suppliersARound} for no key update`,
    [after],
  )
  let renewed = 0
  for (const { id, config, secrets } of rows) {
    const anew: [string, string][] = []
    for (const [key, stored] of Object.entries(secrets)) {
      const text = await keeper.renew(stored)
      if (text !== null) renewed++
      anew.push([key, text ?? stored])
    }
    if (anew.some(([key, text]) => text !== secrets[key]))
      await replaceSettings(tx, id, { config, secrets: Object.fromEntries(anew) })
  }
  return { last: rows.at(-1)?.id ?? null, renewed }
}

/** Shows the content of a request that was set aside. It may have texts of messages.
 * @throws not_found, invalid_request without a reason */
export async function readRequest(
  db: Database,
  by: By,
  name: string,
  id: bigint,
): Promise<Pick<RequestParts, 'method' | 'query' | 'body' | 'receivedAt'>> {
  const stated = needReason(by)
  return db.begin(async (tx) => {
    const supplier = await getSupplier(tx, name)
    const request = await asideById(tx, supplier.id, id)
    if (!request)
      throw new DomainError('not_found', `${name} has no request ${id} that was set aside.`)
    await append(tx, stated, {
      action: 'supplier.read',
      ...ofSupplier(name),
      detail: { request: id },
    })
    return request
  })
}

/** Has the requests of a supplier that were set aside read again. @returns the number of them
 * @throws not_found */
export function rereadRequests(db: Database, now: Date, by: By, name: string): Promise<number> {
  return logged(
    db,
    by,
    async (_within, tx) => readAgain(tx, (await getSupplier(tx, name)).id, now),
    (requests) => ({ action: 'supplier.reread', ...ofSupplier(name), detail: { requests } }),
  )
}

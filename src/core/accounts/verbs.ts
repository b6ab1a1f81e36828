// Accounts as one object, and their keys as another, as customers use them: with the database and the clock
// inside. What operators do with them is in src/core/operating.
import type { Database } from '../../db/database.ts'
import type { Once, Repeated } from '../idempotency/idempotency.ts'
import type { Amount } from '../money.ts'
import { type Account, getAccount } from './accounts.ts'
import type { Recognise } from './key-recogniser.ts'
import {
  type ApiKey,
  changeKey,
  createKeyOnce,
  type KeyChange,
  listKeys,
  type NewKey,
  readKey,
  revokeKey,
  type WantedKey,
} from './keys.ts'
import { readLimits } from './limits.ts'
import {
  deleteMaxPrice,
  listMaxPrices,
  type MaxPrice,
  maxPriceFor,
  setMaxPrice,
} from './max-prices.ts'

import {
  lastUsedProducts,
  listPins,
  type Pin,
  pinProduct,
  type UsedProduct,
  unpinProduct,
} from './pins.ts'

type OfService = { readonly accountId: number; readonly serviceId: number }

export type Accounts = {
  /** @throws not_found */
  read(id: number): Promise<Account>
  /** An account's own limits, and the number of its open orders. */
  limits(id: number): ReturnType<typeof readLimits>
  /** The account's maximum prices, oldest first. */
  maxPrices(id: number): Promise<MaxPrice[]>
  /** The maximum price for a service; null if none is set. */
  maxPrice(target: OfService): Promise<Amount | null>
  setMaxPrice(wanted: Parameters<typeof setMaxPrice>[2]): Promise<MaxPrice | Repeated>
  /** @returns whether it existed */
  deleteMaxPrice(target: OfService): Promise<boolean>
  /** The account's pinned products, oldest first. */
  pins(id: number): Promise<Pin[]>
  /** Pins a product, once. */
  pin(wanted: Parameters<typeof pinProduct>[2]): Promise<Pin | Repeated>
  /** @returns whether it existed */
  unpin(id: number, pinId: number): Promise<boolean>
  /** The products of the newest orders. */
  lastUsed(wanted: Parameters<typeof lastUsedProducts>[1]): Promise<UsedProduct[]>
}

export type Keys = {
  /** The caller with a key. */
  readonly recognise: Recognise
  /** An account's keys, oldest first. */
  list(accountId: number, page: Parameters<typeof listKeys>[2]): Promise<ApiKey[]>
  /** @throws not_found */
  read(accountId: number, keyId: number): Promise<ApiKey>
  create(wanted: WantedKey, once: Once | null): Promise<NewKey | Repeated>
  /** Changes a key of the account. @throws not_found */
  change(accountId: number, keyId: number, change: KeyChange): Promise<ApiKey>
  /** Revokes a key of the account. It is revoked on every node once `settle` is awaited. @throws not_found */
  revoke(accountId: number, keyId: number): Promise<ApiKey>
}

/** Composes the verbs on accounts. */
export const accountVerbs = ({ db, clock }: Parts): Accounts => ({
  read: (id) => getAccount(db, id),
  limits: (id) => readLimits(db, id),
  maxPrices: (id) => listMaxPrices(db, id),
  maxPrice: ({ accountId, serviceId }) => maxPriceFor(db, accountId, serviceId),
  setMaxPrice: (wanted) => setMaxPrice(db, clock(), wanted),
  deleteMaxPrice: ({ accountId, serviceId }) => deleteMaxPrice(db, accountId, serviceId),
  pins: (id) => listPins(db, id),
  pin: (wanted) => pinProduct(db, clock(), wanted),
  unpin: (id, pinId) => unpinProduct(db, id, pinId),
  lastUsed: (wanted) => lastUsedProducts(db, wanted),
})

/** Composes the verbs on keys. */
export const keyVerbs = ({ db, clock, recognise }: Parts & { recognise: Recognise }): Keys => ({
  recognise,
  list: (accountId, page) => listKeys(db, accountId, page),
  read: (accountId, keyId) => readKey(db, accountId, keyId),
  create: (wanted, once) => createKeyOnce(db, clock(), once, wanted),
  change: (accountId, keyId, change) => changeKey(db, clock(), { accountId, keyId }, change),
  revoke: (accountId, keyId) => revokeKey(db, clock(), keyId, accountId),
})

type Parts = { readonly db: Database; readonly clock: () => Date }

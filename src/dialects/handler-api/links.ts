// URLs that show the message of one order to anyone who has them. They contain a token, not a key.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { App } from '../../app.ts'
import type { Order } from '../../core/orders/order.ts'
import { notFound } from '../../core/orders/read.ts'
import type { Vault } from '../../core/vault/vault.ts'

/** The purpose passed to the vault, so that keys of other purposes cannot make a token. */
const purpose = 'handler-api-results'
/** 128 bits, in base64url. */
const markLength = 22
const tokenForm = new RegExp(`^(\\d{1,19})-[\\w-]{${markLength}}$`)
const maxId = 2n ** 63n - 1n
/** A URL stops working this long after its order ends. */
const keptForMs = 24 * 3_600_000

export type ResultLinks = {
  /** Creates the tokens of orders; an order always has the same one. Call it before a purchase: it fails if
   * the encryption key is missing. */
  teller(): Promise<(order: Order) => string>
  /** @throws order_not_found for invalid and expired tokens */
  orderOf(token: string): Promise<Order>
}

/** Needs no table: a token is the order id and a keyed hash that only the platform can compute. */
export function resultLinks(app: App): ResultLinks {
  const vaults = app.vaultFor(purpose)
  return {
    async teller() {
      const vault = await vaults.openOrMake()
      return (order) => tokensOf(order, vault)[0] as string
    },
    async orderOf(token) {
      const id = BigInt(tokenForm.exec(token)?.[1] ?? -1)
      if (id < 0n || id > maxId) throw notFound()
      const [order] = await app.orders.byId([id])
      if (!order || order.expiresAt.getTime() + keptForMs < app.now().getTime()) throw notFound()
      const tokens = tokensOf(order, await vaults.open())
      if (!tokens.some((one) => isSame(one, token))) throw notFound()
      return order
    },
  }
}

/** One hash per key of the vault. Without a vault key, one of the order's hold, whose random id only the
 * account can see. Orders for several services have neither and get no links. */
function tokensOf({ id, holdId }: Order, vault: Vault | null): string[] {
  const name = `${purpose} ${id} ${holdId}`
  const hashes =
    vault?.fingerprintsOf(name) ??
    (holdId === null ? [] : [createHmac('sha256', holdId).update(name).digest()])
  return hashes.map((hash) => `${id}-${hash.toString('base64url').slice(0, markLength)}`)
}

const hashOf = (text: string) => createHash('sha256').update(text).digest()

/** Takes the same time wherever two texts differ. */
const isSame = (one: string, other: string) => timingSafeEqual(hashOf(one), hashOf(other))

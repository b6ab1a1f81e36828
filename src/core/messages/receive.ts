// Receiving text messages: each is stored and given to its order before it is acknowledged.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import type { Catalog, CatalogSource, Service } from '../catalog/catalog.ts'
import { extractCode } from '../codes/extract.ts'
import { fingerprintOf } from './fingerprint.ts'
import { hintsOf } from './hints.ts'
import { type Identify, identifier, type Sign } from './identify.ts'
import { linksIn } from './links.ts'
import { type Hint, isSure, type LeaseInForce, match } from './match.ts'
import {
  clean,
  maxSenderLength,
  maxTextLength,
  type Receipt,
  type Routed,
  storeMessages,
} from './store.ts'

export type IncomingMessage = {
  readonly supplierId: number
  /** The supplier's id of the message, if it has real ones: the same id is stored once. Without an id, or
   * under another one, the same text within some seconds is one message (`fingerprint.ts`). */
  readonly supplierRef: string | null
  readonly channel: 'sms'
  /** E.164 if it could be parsed, otherwise as the supplier wrote it. */
  readonly phone: string
  readonly sender: string
  readonly text: string
  readonly hint: Hint
}

export type Receive = (now: Date, message: IncomingMessage) => Promise<Receipt>

const messagesACall = 200
/** The maximum time for which searching for codes may block the event loop. */
const turnMs = 10

/** @returns the verb, which resolves once the message is committed. `delivered` is called for each message
 * that reached an order, after the commit. */
export function receiver(
  db: Database,
  catalog: CatalogSource,
  delivered: (receipt: Receipt) => void,
): Receive {
  const store = gather<{ now: Date; message: IncomingMessage }, Receipt>({
    name: 'messages',
    maxBatch: messagesACall,
    maxRunning: 2,
    lingerMs: 1,
    run: (batch) => receiveTogether(db, catalog, batch),
  })
  return async (now, message) => {
    const receipt = await store({ now, message })
    if (receipt.state === 'delivered' && !receipt.duplicate) delivered(receipt)
    return receipt
  }
}

/** Long hostile texts take ten milliseconds each: yield to other work between two of them. */
function turnTaker() {
  let startedAt = performance.now()
  return async () => {
    if (performance.now() - startedAt < turnMs) return
    await nextTurn()
    startedAt = performance.now()
  }
}

type Lease = LeaseInForce & { readonly phone: string; readonly numberId: number }

async function receiveTogether(
  db: Database,
  source: CatalogSource,
  batch: readonly { now: Date; message: IncomingMessage }[],
): Promise<Receipt[]> {
  const now = new Date(Math.max(...batch.map((one) => one.now.getTime())))
  const catalog = await source.current()
  const identify = identifierOf(catalog)
  const numbers = await leasesByPhone(
    db,
    batch.map((one) => one.message.phone),
  )
  const routed: Routed[] = []
  const pause = turnTaker()
  for (const { message } of batch) {
    await pause()
    const text = clean(message.text, maxTextLength)
    const sender = clean(message.sender, maxSenderLength)
    const number = numbers.get(message.phone)
    const signs = identify({ text, sender })
    const leases = number?.leases ?? []
    const lease = match(leases, message.hint, signs, now)
    const service = serviceOf(catalog, lease?.serviceId ?? message.hint.serviceId, signs)
    const found = extractCode({ text, sender, channel: 'sms', ...hintsOf(catalog, service) })
    const phone = clean(message.phone, 40)
    routed.push({
      supplierId: message.supplierId,
      supplierRef: message.supplierRef,
      phone,
      text,
      sender,
      numberId: number?.id ?? null,
      orderId: lease?.orderId ?? null,
      serviceId: lease?.serviceId ?? null,
      isSure: lease !== null && isSure(leases, lease, message.hint, signs),
      code: found.code,
      asWritten: found.asWritten,
      links: linksIn({ text }),
      fingerprint: fingerprintOf({ phone, sender, text }),
      mail: null,
    })
  }
  return storeMessages(db, now, routed)
}

async function leasesByPhone(db: Database, phones: readonly string[]) {
  const rows = await db.query<{
    phone: string
    number_id: number
    order_id: bigint | null
    service_id: number
    takes_any: boolean
    ended_at: Date | null
  }>(
    `select n.phone, n.id as number_id, l.order_id, l.service_id, s.takes_any, l.ended_at
       from numbers n
       left join leases l on l.number_id = n.id
       left join services s on s.id = l.service_id
      where n.phone = any($1)`,
    [phones],
  )
  const numbers = new Map<string, { id: number; leases: Lease[] }>()
  for (const row of rows) {
    const number = numbers.get(row.phone) ?? { id: row.number_id, leases: [] }
    numbers.set(row.phone, number)
    if (row.order_id !== null)
      number.leases.push({
        phone: row.phone,
        numberId: row.number_id,
        orderId: row.order_id,
        serviceId: row.service_id,
        takesAny: row.takes_any,
        endedAt: row.ended_at,
      })
  }
  return numbers
}

/** The service that the message is for; that of its signs if the order takes any message. */
function serviceOf(
  catalog: Catalog,
  serviceId: number | null,
  signs: readonly Sign[],
): Service | undefined {
  const signed = signs[0] && catalog.service(signs[0].serviceId)
  const service = serviceId === null ? signed : catalog.service(serviceId)
  return service?.takesAny ? signed : service
}

const identifiers = new WeakMap<Catalog, Identify>()

function identifierOf(catalog: Catalog): Identify {
  const known = identifiers.get(catalog)
  if (known) return known
  const made = identifier(catalog.services)
  identifiers.set(catalog, made)
  return made
}

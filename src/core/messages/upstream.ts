// Receiving the messages of suppliers' numbers: a reading of a number names its order, so that nothing has to
// be matched.
import type { Database } from '../../db/database.ts'
import type { CatalogSource } from '../catalog/catalog.ts'
import { extractCode } from '../codes/extract.ts'
import { hintsOf } from './hints.ts'
import { linksIn } from './links.ts'
import { clean, maxSenderLength, maxTextLength, type Receipt, storeMessages } from './store.ts'

export type UpstreamText = {
  readonly supplierId: number
  /** By it the message is stored once. */
  readonly ref: string
  readonly orderId: bigint
  readonly serviceId: number | null
  readonly phone: string
  readonly sender: string | null
  /** Null: the supplier tells the code alone. */
  readonly text: string | null
  /** The supplier's own finding: it counts only where the text is missing, or we find none. */
  readonly code: string | null
}

const maxRefLength = 200
const maxCodeLength = 40

/** Stores the messages of one number, all or none. @returns a receipt for each */
export async function receiveTexts(
  db: Database,
  source: CatalogSource,
  now: Date,
  texts: readonly UpstreamText[],
): Promise<Receipt[]> {
  if (texts.length === 0) return []
  const catalog = await source.current()
  return storeMessages(
    db,
    now,
    texts.map((one) => {
      const told = one.code === null ? null : clean(one.code, maxCodeLength)
      const text = clean(one.text ?? one.code ?? '', maxTextLength)
      const sender = clean(one.sender ?? '', maxSenderLength)
      const service = one.serviceId === null ? undefined : catalog.service(one.serviceId)
      const found = extractCode({ text, sender, channel: 'sms', ...hintsOf(catalog, service) })
      const isTold = one.text === null || found.code === null
      return {
        ...{ supplierId: one.supplierId, supplierRef: one.ref.slice(0, maxRefLength) },
        ...{ phone: one.phone, numberId: null, sender, text, links: linksIn({ text }) },
        code: isTold ? (told ?? found.code) : found.code,
        asWritten: isTold ? (told ?? found.asWritten) : found.asWritten,
        ...{ orderId: one.orderId, serviceId: one.serviceId, isSure: true },
        ...{ fingerprint: null, mail: null },
      }
    }),
  )
}

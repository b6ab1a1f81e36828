// What an SMSC hands over in a deliver_sm or a data_sm: a text, a part of one, a receipt, or something else.
import { hash } from 'node:crypto'
import { realId, toE164 } from '../../fields.ts'
import type { InboundMessage } from '../../supplier.ts'
import type { PduOf } from '../codec/pdu.ts'
import { alphabetOf, type DefaultAlphabet } from './coding.ts'
import { decodeContent } from './decode.ts'
import { noHeader, type PartOf, readHeader, soundPart } from './header.ts'

export type Delivery = PduOf<'deliver_sm'> | PduOf<'data_sm'>

export type Incoming =
  | { readonly kind: 'message'; readonly message: InboundMessage }
  /** What became of a message that was sent with this account. */
  | { readonly kind: 'receipt' }
  /** Bytes for a program, or nothing. */
  | { readonly kind: 'no-text' }

/** Bits of `esm_class` (section 5.2.12). */
const hasHeaderBit = 0x40
const typeBits = 0x3c
const receiptTypes: readonly number[] = [0x04, 0x20]
const international = 1

/** Reads what was delivered. Never throws. */
export function readDelivery(delivery: Delivery, usual: DefaultAlphabet): Incoming {
  const { fields, tlvs } = delivery
  if (receiptTypes.includes(fields.esm_class & typeBits)) return { kind: 'receipt' }
  const content = contentOf(delivery)
  const header = (fields.esm_class & hasHeaderBit) === 0 ? noHeader : readHeader(content)
  const text = decodeContent(content, alphabetOf(fields.data_coding, usual), header)
  const isPart = header.part ?? partOfTlvs(delivery)
  if (text === null || (text.trim() === '' && isPart === undefined)) return { kind: 'no-text' }
  return {
    kind: 'message',
    message: {
      ref: realId(tlvs.receipted_message_id),
      phone: toE164(fields.destination_addr),
      sender: senderOf(fields),
      text,
      ...(isPart === undefined ? {} : { part: isPart }),
    },
  }
}

/** A message has its content in the one or in the other place. */
function contentOf({ fields, tlvs }: Delivery): Buffer {
  const short = 'short_message' in fields ? fields.short_message : null
  return short !== null && short.length > 0 ? short : (tlvs.message_payload ?? Buffer.alloc(0))
}

/** Parts that the SMSC counts instead of a header. */
function partOfTlvs({ tlvs }: Delivery): PartOf | undefined {
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = tlvs
  if (sar_msg_ref_num === undefined) return undefined
  return soundPart({
    reference: `sar ${sar_msg_ref_num}`,
    total: sar_total_segments ?? 0,
    number: sar_segment_seqnum ?? 0,
  })
}

const senderOf = (fields: Delivery['fields']) =>
  fields.source_addr_ton === international ? toE164(fields.source_addr) : fields.source_addr

/** Equal for deliveries that nothing tells apart. Neither the sequence number nor times are part of it. */
export function digestOf(delivery: Delivery): Buffer {
  const { fields, tlvs } = delivery
  const facts = [
    ...[fields.source_addr_ton, fields.source_addr_npi, fields.source_addr],
    ...[fields.dest_addr_ton, fields.dest_addr_npi, fields.destination_addr],
    ...[fields.esm_class, fields.data_coding, contentOf(delivery).toString('base64')],
    ...[tlvs.sar_msg_ref_num, tlvs.sar_total_segments, tlvs.sar_segment_seqnum].map(
      (value) => value ?? null,
    ),
  ]
  return hash('sha256', JSON.stringify(facts), 'buffer')
}

// The optional parameters of SMPP 3.4 (section 5.3): tag, length, value.
import { type Cursor, Malformed } from './types.ts'

/** How the value of a parameter is read: a number of 1, 2 or 4 bytes, a text, or bytes. */
type TlvType = 'int8' | 'int16' | 'int32' | 'cstring' | 'bytes'

export const tlvs = {
  dest_addr_subunit: { tag: 0x0005, type: 'int8' },
  dest_network_type: { tag: 0x0006, type: 'int8' },
  dest_bearer_type: { tag: 0x0007, type: 'int8' },
  dest_telematics_id: { tag: 0x0008, type: 'int16' },
  source_addr_subunit: { tag: 0x000d, type: 'int8' },
  source_network_type: { tag: 0x000e, type: 'int8' },
  source_bearer_type: { tag: 0x000f, type: 'int8' },
  source_telematics_id: { tag: 0x0010, type: 'int8' },
  qos_time_to_live: { tag: 0x0017, type: 'int32' },
  payload_type: { tag: 0x0019, type: 'int8' },
  additional_status_info_text: { tag: 0x001d, type: 'cstring' },
  receipted_message_id: { tag: 0x001e, type: 'cstring' },
  ms_msg_wait_facilities: { tag: 0x0030, type: 'int8' },
  privacy_indicator: { tag: 0x0201, type: 'int8' },
  source_subaddress: { tag: 0x0202, type: 'bytes' },
  dest_subaddress: { tag: 0x0203, type: 'bytes' },
  user_message_reference: { tag: 0x0204, type: 'int16' },
  user_response_code: { tag: 0x0205, type: 'int8' },
  source_port: { tag: 0x020a, type: 'int16' },
  destination_port: { tag: 0x020b, type: 'int16' },
  sar_msg_ref_num: { tag: 0x020c, type: 'int16' },
  language_indicator: { tag: 0x020d, type: 'int8' },
  sar_total_segments: { tag: 0x020e, type: 'int8' },
  sar_segment_seqnum: { tag: 0x020f, type: 'int8' },
  sc_interface_version: { tag: 0x0210, type: 'int8' },
  callback_num_pres_ind: { tag: 0x0302, type: 'int8' },
  callback_num_atag: { tag: 0x0303, type: 'bytes' },
  number_of_messages: { tag: 0x0304, type: 'int8' },
  callback_num: { tag: 0x0381, type: 'bytes' },
  dpf_result: { tag: 0x0420, type: 'int8' },
  set_dpf: { tag: 0x0421, type: 'int8' },
  ms_availability_status: { tag: 0x0422, type: 'int8' },
  network_error_code: { tag: 0x0423, type: 'bytes' },
  message_payload: { tag: 0x0424, type: 'bytes' },
  delivery_failure_reason: { tag: 0x0425, type: 'int8' },
  more_messages_to_send: { tag: 0x0426, type: 'int8' },
  message_state: { tag: 0x0427, type: 'int8' },
  ussd_service_op: { tag: 0x0501, type: 'bytes' },
  display_time: { tag: 0x1201, type: 'int8' },
  sms_signal: { tag: 0x1203, type: 'int16' },
  ms_validity: { tag: 0x1204, type: 'int8' },
  alert_on_message_delivery: { tag: 0x130c, type: 'bytes' },
  its_reply_type: { tag: 0x1380, type: 'int8' },
  its_session_info: { tag: 0x1383, type: 'bytes' },
} as const satisfies Record<string, { readonly tag: number; readonly type: TlvType }>

export type TlvName = keyof typeof tlvs

type TlvValue<Type extends TlvType> = Type extends 'cstring'
  ? string
  : Type extends 'bytes'
    ? Buffer
    : number

/** A parameter that the table does not have, or whose value has another length than it should. */
export type OtherTlv = { readonly tag: number; readonly value: Buffer }

/** Of a repeated parameter, the first counts. */
export type Tlvs = {
  readonly [Name in TlvName]?: TlvValue<(typeof tlvs)[Name]['type']>
} & { readonly others?: readonly OtherTlv[] }

const byTag = new Map<number, { name: TlvName; type: TlvType }>(
  Object.entries(tlvs).map(([name, { tag, type }]) => [tag, { name: name as TlvName, type }]),
)
const sizes = { int8: 1, int16: 2, int32: 4 } as const

/** Reads the parameters up to the end. */
export function readTlvs(cursor: Cursor): Tlvs {
  const found: Record<string, number | string | Buffer> = {}
  const others: OtherTlv[] = []
  const { bytes } = cursor
  while (cursor.at < bytes.length) {
    if (cursor.at + 4 > bytes.length) throw new Malformed('an optional parameter has no length')
    const tag = bytes.readUInt16BE(cursor.at)
    const start = cursor.at + 4
    const end = start + bytes.readUInt16BE(cursor.at + 2)
    if (end > bytes.length) throw new Malformed('an optional parameter ends beyond the PDU')
    cursor.at = end
    const value = bytes.subarray(start, end)
    const known = byTag.get(tag)
    const read = known && valueIn(known.type, value)
    if (!known || read === undefined) others.push({ tag, value })
    else found[known.name] ??= read
  }
  return others.length === 0 ? found : { ...found, others }
}

/** @returns undefined if the value has the wrong form */
function valueIn(type: TlvType, value: Buffer): number | string | Buffer | undefined {
  if (type === 'bytes') return value
  if (type === 'cstring') {
    // Some peers leave out the NUL at the end.
    const end = value.indexOf(0)
    return value.toString('latin1', 0, end < 0 ? value.length : end)
  }
  return value.length === sizes[type] ? value.readUIntBE(0, sizes[type]) : undefined
}

/** Writes the parameters, those of the table first. */
export function writeTlvs({ others = [], ...known }: Tlvs): Buffer[] {
  const entries = Object.entries(known) as [TlvName, number | string | Buffer][]
  return [
    ...entries.map(([name, value]) => written(tlvs[name].tag, bytesOf(tlvs[name].type, value))),
    ...others.map(({ tag, value }) => written(tag, value)),
  ]
}

function bytesOf(type: TlvType, value: number | string | Buffer): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'string') return Buffer.from(`${value}\u0000`, 'latin1')
  const size = sizes[type as keyof typeof sizes]
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}

function written(tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(tag, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value])
}

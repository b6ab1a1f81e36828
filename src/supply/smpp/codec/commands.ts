// The commands of SMPP 3.4 with their fields, in the order of the wire (section 4).
import type { FieldTypeName, ValueOf } from './types.ts'

type Field = readonly [name: string, type: FieldTypeName]

const none = [] as const

const binding = [
  ['system_id', 'cstring'],
  ['password', 'cstring'],
  ['system_type', 'cstring'],
  ['interface_version', 'int8'],
  ['addr_ton', 'int8'],
  ['addr_npi', 'int8'],
  ['address_range', 'cstring'],
] as const satisfies readonly Field[]

const systemId = [['system_id', 'cstring']] as const satisfies readonly Field[]
const messageId = [['message_id', 'cstring']] as const satisfies readonly Field[]

const source = [
  ['source_addr_ton', 'int8'],
  ['source_addr_npi', 'int8'],
  ['source_addr', 'cstring'],
] as const satisfies readonly Field[]

const ends = [
  ...source,
  ['dest_addr_ton', 'int8'],
  ['dest_addr_npi', 'int8'],
  ['destination_addr', 'cstring'],
] as const satisfies readonly Field[]

const message = [
  ['service_type', 'cstring'],
  ...ends,
  ['esm_class', 'int8'],
  ['protocol_id', 'int8'],
  ['priority_flag', 'int8'],
  ['schedule_delivery_time', 'cstring'],
  ['validity_period', 'cstring'],
  ['registered_delivery', 'int8'],
  ['replace_if_present_flag', 'int8'],
  ['data_coding', 'int8'],
  ['sm_default_msg_id', 'int8'],
  ['short_message', 'octets'],
] as const satisfies readonly Field[]

const dataMessage = [
  ['service_type', 'cstring'],
  ...ends,
  ['esm_class', 'int8'],
  ['registered_delivery', 'int8'],
  ['data_coding', 'int8'],
] as const satisfies readonly Field[]

const query = [...messageId, ...source] as const satisfies readonly Field[]

const queryAnswer = [
  ...messageId,
  ['final_date', 'cstring'],
  ['message_state', 'int8'],
  ['error_code', 'int8'],
] as const satisfies readonly Field[]

const cancel = [
  ['service_type', 'cstring'],
  ...messageId,
  ...ends,
] as const satisfies readonly Field[]

const replace = [
  ...messageId,
  ...source,
  ['schedule_delivery_time', 'cstring'],
  ['validity_period', 'cstring'],
  ['registered_delivery', 'int8'],
  ['sm_default_msg_id', 'int8'],
  ['short_message', 'octets'],
] as const satisfies readonly Field[]

const alert = [
  ...source,
  ['esme_addr_ton', 'int8'],
  ['esme_addr_npi', 'int8'],
  ['esme_addr', 'cstring'],
] as const satisfies readonly Field[]

const outbind = [
  ['system_id', 'cstring'],
  ['password', 'cstring'],
] as const satisfies readonly Field[]

/** The highest bit of an id marks a response. */
export const responseBit = 0x80000000

/** `submit_multi` is not here: its lists have forms of their own, and only an SMSC gets it. */
export const commands = {
  generic_nack: { id: 0x80000000, fields: none },
  bind_receiver: { id: 0x00000001, fields: binding },
  bind_receiver_resp: { id: 0x80000001, fields: systemId },
  bind_transmitter: { id: 0x00000002, fields: binding },
  bind_transmitter_resp: { id: 0x80000002, fields: systemId },
  query_sm: { id: 0x00000003, fields: query },
  query_sm_resp: { id: 0x80000003, fields: queryAnswer },
  submit_sm: { id: 0x00000004, fields: message },
  submit_sm_resp: { id: 0x80000004, fields: messageId },
  deliver_sm: { id: 0x00000005, fields: message },
  deliver_sm_resp: { id: 0x80000005, fields: messageId },
  unbind: { id: 0x00000006, fields: none },
  unbind_resp: { id: 0x80000006, fields: none },
  replace_sm: { id: 0x00000007, fields: replace },
  replace_sm_resp: { id: 0x80000007, fields: none },
  cancel_sm: { id: 0x00000008, fields: cancel },
  cancel_sm_resp: { id: 0x80000008, fields: none },
  bind_transceiver: { id: 0x00000009, fields: binding },
  bind_transceiver_resp: { id: 0x80000009, fields: systemId },
  outbind: { id: 0x0000000b, fields: outbind },
  enquire_link: { id: 0x00000015, fields: none },
  enquire_link_resp: { id: 0x80000015, fields: none },
  alert_notification: { id: 0x00000102, fields: alert },
  data_sm: { id: 0x00000103, fields: dataMessage },
  data_sm_resp: { id: 0x80000103, fields: messageId },
} as const satisfies Record<string, { readonly id: number; readonly fields: readonly Field[] }>

export type CommandName = keyof typeof commands

/** The values of a command's fields, by name. */
export type FieldsOf<Name extends CommandName> = {
  readonly [One in (typeof commands)[Name]['fields'][number] as One[0]]: ValueOf<One[1]>
}

const names = new Map<number, CommandName>(
  Object.entries(commands).map(([name, { id }]) => [id, name as CommandName]),
)

/** @returns undefined if there is no such command */
export const commandOf = (id: number): CommandName | undefined => names.get(id)

/** The fields of a command, for reading and writing. */
export const fieldsOf = (name: CommandName): readonly Field[] => commands[name].fields

// Protocol data units of SMPP 3.4: decoded from their bytes, and encoded. The tables are in commands.ts and
// tlvs.ts.
import {
  type CommandName,
  commandOf,
  commands,
  type FieldsOf,
  fieldsOf,
  responseBit,
} from './commands.ts'
import { readTlvs, type Tlvs, writeTlvs } from './tlvs.ts'
import { type Cursor, emptyValues, fieldTypes, Malformed } from './types.ts'

/** The length, the command, the status and the sequence number: four bytes each. */
export const headerBytes = 16

export type PduOf<Name extends CommandName> = {
  readonly command: Name
  readonly status: number
  readonly sequence: number
  readonly fields: FieldsOf<Name>
  readonly tlvs: Tlvs
}

export type Pdu = { [Name in CommandName]: PduOf<Name> }[CommandName]

/** A PDU that cannot be read. Its header can: whoever sent it is answered. */
export type Unreadable = {
  readonly kind: 'unknown' | 'malformed'
  /** The number of the command. */
  readonly id: number
  readonly sequence: number
  readonly reason: string
}

export type Decoded = { readonly kind: 'pdu'; readonly pdu: Pdu } | Unreadable

/** Decodes the bytes of one PDU, header included. Never throws. @param frame at least `headerBytes` long */
export function decodePdu(frame: Buffer): Decoded {
  const id = frame.readUInt32BE(4)
  const status = frame.readUInt32BE(8)
  const sequence = frame.readUInt32BE(12)
  const command = commandOf(id)
  if (command === undefined)
    return { kind: 'unknown', id, sequence, reason: 'the command is unknown' }
  const cursor: Cursor = { bytes: frame, at: headerBytes }
  try {
    const fields = readFields(command, cursor)
    const pdu = { command, status, sequence, fields, tlvs: readTlvs(cursor) } as Pdu
    return { kind: 'pdu', pdu }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { kind: 'malformed', id, sequence, reason: error.message }
  }
}

/** @NOTE a response without a body is complete: most peers leave it out if there is an error, and some
 * always */
function readFields(command: CommandName, cursor: Cursor): Record<string, unknown> {
  const isBare = isResponse(command) && cursor.at === cursor.bytes.length
  return Object.fromEntries(
    fieldsOf(command).map(([name, type]) => [
      name,
      isBare ? emptyValues[type] : fieldTypes[type].read(cursor),
    ]),
  )
}

export const isResponse = (command: CommandName): boolean => commands[command].id >= responseBit

/** What a PDU is made of; fields that are not given are 0 or empty. */
export type PduParts<Name extends CommandName> = {
  readonly command: Name
  readonly sequence: number
  readonly status?: number
  readonly fields?: Partial<FieldsOf<Name>>
  readonly tlvs?: Tlvs
}

/** Encodes a PDU. @throws RangeError if a value does not fit its field */
export function encodePdu<Name extends CommandName>(parts: PduParts<Name>): Buffer {
  const given = (parts.fields ?? {}) as Record<string, number | string | Buffer>
  const body = [
    ...fieldsOf(parts.command).map(([name, type]) => {
      const write = fieldTypes[type].write as (value: number | string | Buffer) => Buffer
      return write(given[name] ?? emptyValues[type])
    }),
    ...writeTlvs(parts.tlvs ?? {}),
  ]
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(headerBytes + body.reduce((sum, { length }) => sum + length, 0), 0)
  header.writeUInt32BE(commands[parts.command].id, 4)
  header.writeUInt32BE(parts.status ?? 0, 8)
  header.writeUInt32BE(parts.sequence, 12)
  return Buffer.concat([header, ...body])
}

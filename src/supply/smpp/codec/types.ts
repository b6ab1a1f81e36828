// The types of the fields of SMPP 3.4 (section 3.1), and how each is read and written.

/** A stretch of bytes that is read from its start. */
export type Cursor = { readonly bytes: Buffer; at: number }

/** A field ends beyond its PDU, or a text beyond it. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

type FieldType<Value> = {
  read(cursor: Cursor): Value
  write(value: Value): Buffer
}

const whole = (size: 1 | 2 | 4): FieldType<number> => ({
  read(cursor) {
    const start = advance(cursor, size)
    return cursor.bytes.readUIntBE(start, size)
  },
  write(value) {
    const bytes = Buffer.alloc(size)
    bytes.writeUIntBE(value, 0, size)
    return bytes
  },
})

/** @NOTE Latin-1 keeps each byte: some peers send other letters than ASCII here. */
const terminated: FieldType<string> = {
  read(cursor) {
    const end = cursor.bytes.indexOf(0, cursor.at)
    if (end < 0) throw new Malformed('a text has no end')
    const start = cursor.at
    cursor.at = end + 1
    return cursor.bytes.toString('latin1', start, end)
  },
  write(value) {
    if (value.includes('\u0000')) throw new RangeError('a text of SMPP cannot hold NUL')
    return Buffer.from(`${value}\u0000`, 'latin1')
  },
}

/** Bytes after a byte that has their number. */
const counted: FieldType<Buffer> = {
  read(cursor) {
    const length = fieldTypes.int8.read(cursor)
    const start = advance(cursor, length)
    return cursor.bytes.subarray(start, start + length)
  },
  write(value) {
    if (value.length > 255) throw new RangeError('a short message has at most 255 bytes')
    return Buffer.concat([Buffer.from([value.length]), value])
  },
}

/** Moves on. @returns where the field starts */
function advance(cursor: Cursor, size: number): number {
  const start = cursor.at
  if (start + size > cursor.bytes.length) throw new Malformed('a field ends beyond the PDU')
  cursor.at = start + size
  return start
}

export const fieldTypes = {
  int8: whole(1),
  int16: whole(2),
  int32: whole(4),
  cstring: terminated,
  octets: counted,
} as const satisfies Record<string, FieldType<number> | FieldType<string> | FieldType<Buffer>>

export type FieldTypeName = keyof typeof fieldTypes

export type ValueOf<Name extends FieldTypeName> = ReturnType<(typeof fieldTypes)[Name]['read']>

/** What a field has where a PDU lacks it. */
export const emptyValues = {
  int8: 0,
  int16: 0,
  int32: 0,
  cstring: '',
  octets: Buffer.alloc(0),
} as const satisfies { [Name in FieldTypeName]: ValueOf<Name> }

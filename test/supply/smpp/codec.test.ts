// The codec of SMPP: what it writes, what it reads of it, and what it makes of bytes that are no SMPP.
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandName, commands, fieldsOf } from '../../../src/supply/smpp/codec/commands.ts'
import { decodePdu, encodePdu, type Pdu } from '../../../src/supply/smpp/codec/pdu.ts'
import { maxPduBytes, pduReader, type Received } from '../../../src/supply/smpp/codec/reader.ts'
import { statusText } from '../../../src/supply/smpp/codec/statuses.ts'
import { tlvs } from '../../../src/supply/smpp/codec/tlvs.ts'
import { attempts } from '../../harness/attempts.ts'

type Peer = {
  PDU: new (
    command: string,
    fields: object,
  ) => { toBuffer(): Buffer; readonly [field: string]: unknown }
}
const peer = createRequire(import.meta.url)('smpp') as Peer & {
  PDU: { fromBuffer(bytes: Buffer): { readonly [field: string]: unknown } }
}

const text = (max: number) =>
  fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: max })
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
const octets = (max: number) => fc.uint8Array({ maxLength: max }).map((bytes) => Buffer.from(bytes))
const values = {
  int8: fc.integer({ min: 0, max: 0xff }),
  int16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer({ min: 0, max: 0xffffffff }),
  cstring: text(40),
  octets: octets(255),
  bytes: octets(400),
} as const

const names = Object.keys(commands) as CommandName[]
const tags = new Set(Object.values(tlvs).map(({ tag }) => tag as number))
const others = fc.array(
  fc.record({
    tag: fc.integer({ min: 0, max: 0xffff }).filter((tag) => !tags.has(tag)),
    value: octets(50),
  }),
  { minLength: 1, maxLength: 3 },
)

const someTlvs = fc.record(
  {
    ...Object.fromEntries(Object.entries(tlvs).map(([name, { type }]) => [name, values[type]])),
    others,
  },
  { requiredKeys: [] },
)

/** Any PDU that can be written. */
const pdus = fc.constantFrom(...names).chain((command) =>
  fc.record({
    command: fc.constant(command),
    status: values.int32,
    sequence: values.int32,
    fields: fc.record(
      Object.fromEntries(fieldsOf(command).map(([name, type]) => [name, values[type]])),
    ),
    tlvs: someTlvs,
  }),
) as fc.Arbitrary<Pdu>

const wire = (pdu: Pdu) => encodePdu(pdu as never)

/** Everything that a reader makes of a stream that comes in these pieces. */
function readAll(pieces: readonly Buffer[], max = maxPduBytes): Received[] {
  const reader = pduReader(max)
  const all: Received[] = []
  for (const piece of pieces) {
    reader.push(piece)
    for (let one = reader.next(); one !== null; one = reader.next()) all.push(one)
  }
  return all
}

const cut = (bytes: Buffer, places: readonly number[]) => {
  const at = [0, ...[...places].map((one) => one % (bytes.length + 1)).sort((a, b) => a - b)]
  return at.map((start, i) => bytes.subarray(start, at[i + 1] ?? bytes.length))
}

/** Seconds in the quick run, minutes in the long one. */
const fuzzRuns = attempts(300, 150_000)

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

describe('a PDU', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(pdus, (pdu) => {
        expect(decodePdu(wire(pdu))).toEqual({ kind: 'pdu', pdu })
      }),
    )
  })

  it('is written as section 4.1.1 of the standard does', () => {
    const pdu = encodePdu({
      command: 'bind_transmitter',
      sequence: 1,
      fields: {
        system_id: 'SMPP3TEST',
        password: 'secret08',
        system_type: 'SUBMIT1',
        interface_version: 0x50,
        addr_ton: 1,
        addr_npi: 1,
      },
    })
    expect(pdu).toEqual(
      bytesOf(`0000002F 00000002 00000000 00000001 53 4D 50 50 33 54 45 53 54 00
               73 65 63 72 65 74 30 38 00 53 55 42 4D 49 54 31 00 50 01 01 00`),
    )
  })

  it('is what another implementation reads, and reads what that one writes', () => {
    const fields = {
      service_type: 'CMT',
      ...{ source_addr_ton: 5, source_addr_npi: 0, source_addr: 'WhatsApp' },
      ...{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '12015550123' },
      ...{ esm_class: 0x40, protocol_id: 1, priority_flag: 2 },
      ...{ schedule_delivery_time: '', validity_period: '000001000000000R' },
      ...{ registered_delivery: 1, replace_if_present_flag: 0, data_coding: 4 },
      ...{ sm_default_msg_id: 7, short_message: bytesOf('0500032a0201 c3a9') },
    }
    const theirs = new peer.PDU('deliver_sm', {
      ...{ ...fields, sequence_number: 77, user_message_reference: 300 },
    }).toBuffer()
    const own = { command: 'deliver_sm', status: 0, sequence: 77, fields } as const
    expect(decodePdu(theirs)).toEqual({
      kind: 'pdu',
      pdu: { ...own, tlvs: { user_message_reference: 300 } },
    })
    expect(encodePdu({ ...own, tlvs: { user_message_reference: 300 } })).toEqual(theirs)
    const bind = encodePdu({
      command: 'bind_receiver',
      sequence: 5,
      fields: { system_id: 'numlet', password: 'pw', interface_version: 0x34 },
    })
    expect(peer.PDU.fromBuffer(bind)).toMatchObject({
      ...{ command: 'bind_receiver', sequence_number: 5, system_id: 'numlet', password: 'pw' },
      interface_version: 0x34,
    })
  })

  it.each([
    ['a text without an end', '00000011 00000005 00000000 00000009 41', 'a text has no end'],
    [
      'a field beyond its end',
      '00000016 00000005 00000000 00000009 00 00 00 00 01 01',
      'a text has no end',
    ],
    [
      'a message that is longer than the PDU',
      '00000022 00000005 00000000 00000009 00 0101 00 0101 00 40 00 00 00 00 00 00 00 00 FF 41',
      'a field ends beyond the PDU',
    ],
    [
      'a parameter that is longer than the PDU',
      '00000015 00000015 00000000 00000009 0424 FFFF 41',
      'an optional parameter ends beyond the PDU',
    ],
    [
      'a parameter without a length',
      '00000013 00000015 00000000 00000009 0424 00',
      'an optional parameter has no length',
    ],
  ])('with %s is malformed, and its sequence number is known', (_name, hex, reason) => {
    expect(decodePdu(bytesOf(hex))).toMatchObject({ kind: 'malformed', sequence: 9, reason })
  })

  it('of a command that is not in the standard is unknown', () => {
    expect(decodePdu(bytesOf('00000010 00000fff 00000000 00000003'))).toEqual({
      ...{ kind: 'unknown', id: 0xfff, sequence: 3, reason: 'the command is unknown' },
    })
  })

  it('that responds may lack its body', () => {
    expect(decodePdu(bytesOf('00000010 80000009 0000000e 00000001'))).toMatchObject({
      pdu: { command: 'bind_transceiver_resp', status: 14, fields: { system_id: '' } },
    })
  })

  it('keeps parameters that nobody knows, and those of the wrong length', () => {
    const hex = '00000020 00000015 00000000 00000001 1400 0002 0102 020E 0002 0003 020F 0001 05'
    const read = decodePdu(bytesOf(hex.replace('00000020', '00000021')))
    expect(read).toMatchObject({
      pdu: {
        tlvs: {
          sar_segment_seqnum: 5,
          others: [
            { tag: 0x1400, value: bytesOf('0102') },
            { tag: 0x020e, value: bytesOf('0003') },
          ],
        },
      },
    })
  })

  it('is not written if a value does not fit', () => {
    const write = (fields: object) => () =>
      encodePdu({ command: 'deliver_sm', sequence: 1, fields: fields as never })
    expect(write({ short_message: Buffer.alloc(256) })).toThrow(RangeError)
    expect(write({ source_addr: 'a\u0000b' })).toThrow(RangeError)
    expect(write({ esm_class: 256 })).toThrow(RangeError)
  })
})

describe('a stream of PDUs', () => {
  it('is read the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(pdus, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (sent, places) => {
          const pieces = cut(Buffer.concat(sent.map(wire)), places)
          expect(readAll(pieces)).toEqual(sent.map((pdu) => ({ kind: 'pdu', pdu })))
        },
      ),
    )
  })

  it('is read when it comes byte by byte', () => {
    const pdu = encodePdu({
      command: 'deliver_sm',
      sequence: 4,
      tlvs: { message_payload: Buffer.alloc(40_000, 0x41) },
    })
    const read = readAll([...pdu].map((byte) => Buffer.from([byte])))
    expect(read).toMatchObject([{ kind: 'pdu', pdu: { sequence: 4 } }])
  })

  it.each([0, 1, 15, maxPduBytes + 1, 0x7fffffff, 0xffffffff])(
    'ends where a PDU says that it has %d bytes',
    (length) => {
      const head = Buffer.alloc(16)
      head.writeUInt32BE(length, 0)
      const good = encodePdu({ command: 'enquire_link', sequence: 1 })
      expect(readAll([good, head.subarray(0, 4), head.subarray(4), good])).toEqual([
        { kind: 'pdu', pdu: expect.objectContaining({ command: 'enquire_link' }) },
        { kind: 'broken', reason: `a PDU cannot have ${length} bytes` },
      ])
    },
  )

  it('goes on after PDUs that cannot be read', () => {
    const pieces = [
      bytesOf('00000010 00000fff 00000000 00000003'),
      bytesOf('00000011 00000005 00000000 00000004 41'),
      encodePdu({ command: 'enquire_link', sequence: 5 }),
    ]
    expect(readAll(pieces).map(({ kind }) => kind)).toEqual(['unknown', 'malformed', 'pdu'])
  })

  it('never throws, whatever the bytes, and never announces more than there is', () => {
    fc.assert(
      fc.property(
        pdus,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))),
        (pdu, changes) => {
          const bytes = wire(pdu)
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte
          for (const one of readAll([bytes]))
            expect(['pdu', 'unknown', 'malformed', 'broken']).toContain(one.kind)
        },
      ),
      { numRuns: fuzzRuns },
    )
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        readAll(pieces.map((one) => Buffer.from(one)))
      }),
      { numRuns: fuzzRuns },
    )
  })
})

it('a status is told in words', () => {
  expect(statusText(0x0e)).toBe('ESME_RINVPASWD (the password is wrong)')
  expect(statusText(0x400)).toBe('status 0x00000400')
})

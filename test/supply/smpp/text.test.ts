// Texts of SMPP: alphabets, headers, parts, and what a data_coding means.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldsOf } from '../../../src/supply/smpp/codec/commands.ts'
import type { Tlvs } from '../../../src/supply/smpp/codec/tlvs.ts'
import { alphabetOf, type DefaultAlphabet } from '../../../src/supply/smpp/text/coding.ts'
import { decodeSeptets, unpackSeptets } from '../../../src/supply/smpp/text/gsm.ts'
import { noLanguages, tablesOf } from '../../../src/supply/smpp/text/gsm-tables.ts'
import { noHeader, readHeader } from '../../../src/supply/smpp/text/header.ts'
import { digestOf, readDelivery } from '../../../src/supply/smpp/text/incoming.ts'
import { attempts } from '../../harness/attempts.ts'
import { encodeSeptets, packSeptets } from './gsm-encoder.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16()

const usualFields: FieldsOf<'deliver_sm'> = {
  service_type: '',
  ...{ source_addr_ton: 1, source_addr_npi: 1, source_addr: '12015550188' },
  ...{ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '12015550123' },
  ...{ esm_class: 0, protocol_id: 0, priority_flag: 0, schedule_delivery_time: '' },
  ...{ validity_period: '', registered_delivery: 0, replace_if_present_flag: 0 },
  ...{ data_coding: 0, sm_default_msg_id: 0, short_message: Buffer.alloc(0) },
}
const delivery = (fields: Partial<FieldsOf<'deliver_sm'>>, tlvs: Tlvs = {}) => ({
  ...({ command: 'deliver_sm', status: 0, sequence: 1, tlvs } as const),
  fields: { ...usualFields, ...fields },
})
const read = (
  fields: Partial<FieldsOf<'deliver_sm'>>,
  tlvs: Tlvs = {},
  usual: DefaultAlphabet = 'gsm7',
) => readDelivery(delivery(fields, tlvs), usual)
const textOf = (...given: Parameters<typeof read>) => {
  const one = read(...given)
  return one.kind === 'message' ? one.message.text : one.kind
}

describe('the 7-bit alphabet', () => {
  it('has the characters of the standard at their codes', () => {
    const at = (code: number) => decodeSeptets(Uint8Array.of(code), noLanguages)
    const known = { 0: '@', 1: '£', 2: '$', 10: '\n', 13: '\r', 16: 'Δ', 17: '_', 28: 'Æ' }
    const more = { 32: ' ', 36: '¤', 64: '¡', 65: 'A', 91: 'Ä', 95: '§', 96: '¿', 127: 'à' }
    for (const [code, character] of Object.entries({ ...known, ...more }))
      expect(at(Number(code))).toBe(character)
    expect(tablesOf(noLanguages).main).toHaveLength(128)
  })

  it.each([
    [
      'the extension',
      { locking: 0, single: 0 },
      '1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65',
      '\f^{}\\[~]|€',
    ],
    [
      'Turkish, single shift',
      { locking: 0, single: 1 },
      '1b471b491b531b631b671b691b731b65',
      'ĞİŞçğış€',
    ],
    ['Turkish, locking shift', { locking: 1, single: 0 }, '04070b0c1c1d4060', '€ıĞğŞşİç'],
    [
      'Spanish, single shift',
      { locking: 0, single: 2 },
      '1b091b411b491b4f1b551b611b691b6f1b75',
      'çÁÍÓÚáíóú',
    ],
    [
      'Portuguese, single shift',
      { locking: 0, single: 3 },
      '1b051b0b1b0c1b0e1b0f1b121b1f1b411b5b1b5c1b611b7b1b7c1b7f1b15',
      'êÔôÁáΦÊÀÃÕÂãõâΩ',
    ],
    [
      'Portuguese, locking shift',
      { locking: 3, single: 0 },
      '0406070809121314151617181a1c1d245b5c5d60407b7c7d',
      'êúíóçªÇÀ∞^\\€|ÂâºÃÕÚ~Íãõ`',
    ],
  ])('reads %s', (_name, languages, hex, text) => {
    expect(decodeSeptets(bytes(hex), languages)).toBe(text)
  })

  it.each([
    ['Bengali', 4, '155d24', 'কোড', '191a1c1d1e1f20212223', '০১২৩৪৫৬৭৮৯'],
    ['Gujarati', 5, '155d24', 'કોડ', '1c1d1e1f202122232425', '૦૧૨૩૪૫૬૭૮૯'],
    ['Hindi', 6, '155d24', 'कोड', '1c1d1e1f202122232425', '०१२३४५६७८९'],
    ['Kannada', 7, '155d245f', 'ಕೋಡ್', '1c1d1e1f202122232425', '೦೧೨೩೪೫೬೭೮೯'],
    ['Malayalam', 8, '155d245f', 'കോഡ്', '1c1d1e1f202122232425', '൦൧൨൩൪൫൬൭൮൯'],
    ['Oriya', 9, '155d245f', 'କୋଡ୍', '1c1d1e1f202122232425', '୦୧୨୩୪୫୬୭୮୯'],
    ['Punjabi', 10, '155d24', 'ਕੋਡ', '1c1d1e1f202122232425', '੦੧੨੩੪੫੬੭੮੯'],
    ['Tamil', 11, '1553455143522253', 'குறியீடு', '1c1d1e1f202122232425', '௦௧௨௩௪௫௬௭௮௯'],
    ['Telugu', 12, '155d245f', 'కోడ్', '1c1d1e1f202122232425', '౦౧౨౩౪౫౬౭౮౯'],
    ['Urdu', 13, '47531d', 'کوڈ', '1c1d1e1f202122232425', '۰۱۲۳۴۵۶۷۸۹'],
  ])(
    'reads %s: a word, digits, and what all languages share',
    (_name, id, word, text, hex, digits) => {
      const languages = { locking: id, single: id }
      expect(decodeSeptets(bytes(word), languages)).toBe(text)
      expect(decodeSeptets(bytes('30393a2c2e3f21617a0a0d20'), languages)).toBe('09:,.?!az\n\r ')
      const shifted = (codes: string) => bytes(codes.replaceAll(/../g, '1b$&'))
      expect(decodeSeptets(shifted(hex), languages)).toBe(digits)
      expect(decodeSeptets(shifted('00030a141728293c3e40415a65'), languages)).toBe('@¥\f^#{}[]|AZ€')
      // With the default alphabet, the extension alone has the digits, too.
      expect(decodeSeptets(shifted(hex), { locking: 0, single: id })).toBe(digits)
    },
  )

  it('reads what has no character as the standard says', () => {
    // In no extension: that of the main table. Nothing, or another escape, behind an escape: a blank.
    expect(decodeSeptets(bytes('1b41'), noLanguages)).toBe('A')
    expect(decodeSeptets(bytes('411b'), noLanguages)).toBe('A ')
    expect(decodeSeptets(bytes('1b1b41'), noLanguages)).toBe(' A')
    expect(decodeSeptets(bytes('41e9'), noLanguages)).toBe('Aé')
    expect(decodeSeptets(bytes('04'), { locking: 14, single: 14 })).toBe('è')
  })

  const upTo = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const characters = (languages: typeof noLanguages) => {
    const { main, extended } = tablesOf(languages)
    return [...main.filter((_one, code) => code !== 0x1b), ...Object.values(extended)]
  }
  it('reads back all texts of each language, unpacked and packed', () => {
    const languages = fc.record({
      locking: fc.constantFrom(0, 1, ...upTo(3, 13)),
      single: fc.constantFrom(...upTo(0, 13)),
    })
    const texts = languages.chain((one) =>
      fc.record({
        languages: fc.constant(one),
        text: fc.array(fc.constantFrom(...characters(one))).map((all) => all.join('')),
        fillBits: fc.integer({ min: 0, max: 6 }),
      }),
    )
    fc.assert(
      fc.property(texts, ({ languages: of, text, fillBits }) => {
        const septets = encodeSeptets(text, of)
        expect(decodeSeptets(septets, of)).toBe(text)
        const unpacked = unpackSeptets(packSeptets(septets, fillBits), fillBits)
        // At the end of a byte, these two cannot be told from padding.
        const isFull = (fillBits + septets.length * 7) % 8 === 0
        const sure =
          isFull && [0, 0x0d].includes(septets.at(-1) ?? 1) ? septets.slice(0, -1) : septets
        expect(Buffer.from(unpacked)).toEqual(Buffer.from(sure))
      }),
    )
  })

  it.each([
    ['hellohello', 'E8329BFD4697D9EC37'],
    ['1234567', '31D98C56B3DD00'],
    ['12345678', '31D98C56B3DD70'],
  ])('unpacks %s', (text, hex) => {
    expect(decodeSeptets(unpackSeptets(bytes(hex)), noLanguages)).toBe(text)
  })
})

describe('data_coding', () => {
  it.each([
    [0x00, 'gsm7'],
    [0x01, 'ascii'],
    [0x02, 'binary'],
    [0x03, 'latin1'],
    [0x04, 'binary'],
    [0x05, 'japanese'],
    [0x06, 'iso-8859-5'],
    [0x07, 'iso-8859-8'],
    [0x08, 'utf-16'],
    [0x0b, 'gsm7'],
    [0x0e, 'euc-kr'],
    [0x10, 'gsm7'],
    [0x11, 'gsm7'],
    [0x15, 'binary'],
    [0x18, 'utf-16'],
    [0x1b, 'utf-16'],
    [0x20, 'binary'],
    [0x48, 'utf-16'],
    [0x84, 'gsm7'],
    [0xc8, 'gsm7'],
    [0xd0, 'gsm7'],
    [0xe0, 'utf-16'],
    [0xf0, 'gsm7'],
    [0xf1, 'gsm7'],
    [0xf5, 'binary'],
  ] as const)('0x%s means %s', (coding, alphabet) => {
    expect(alphabetOf(coding, 'gsm7')).toBe(alphabet)
  })

  it('0 means what the operator says', () => {
    const short_message = bytes('e9')
    expect(textOf({ short_message }, {}, 'latin1')).toBe('é')
    expect(textOf({ short_message: Buffer.from('é€') }, {}, 'utf-8')).toBe('é€')
    expect(textOf({ short_message: bytes('E8329BFD4697D9EC37') }, {}, 'gsm7-packed')).toBe(
      'hellohello',
    )
  })
})

describe('a delivery', () => {
  it.each([
    ['the default alphabet', 0, bytes('436f64653a20311b6532'), 'Code: 1€2'],
    ['ASCII', 1, Buffer.from('Code 123@'), 'Code 123@'],
    ['Latin-1', 3, bytes('c9e86e'), 'Éèn'],
    ['UTF-16', 8, utf16('Ваш код 😀 482913'), 'Ваш код 😀 482913'],
    ['UTF-16 with a mark', 8, Buffer.concat([bytes('feff'), utf16('код')]), 'код'],
    ['UTF-16, little-endian by its mark', 8, bytes('fffe 3a04 3e04'), 'ко'],
    ['UTF-16 with a byte too many', 8, Buffer.concat([utf16('ok'), bytes('00')]), 'ok'],
    ['Cyrillic', 6, bytes('bad0d4'), 'Кад'],
    ['bytes that are UTF-8', 4, Buffer.from('código 482913'), 'código 482913'],
    ['bytes of a program', 4, bytes('0601ae02056a'), 'no-text'],
    ['Japanese', 5, bytes('8352815b8368'), 'コード'],
    ['Japanese with escapes', 10, bytes('1b24422533213c2549 1b2842'), 'コード'],
    ['Korean', 14, bytes('c4dab5e5'), '코드'],
    ['nothing', 0, Buffer.alloc(0), 'no-text'],
  ])('in %s is read', (_name, data_coding, short_message, text) => {
    expect(textOf({ data_coding, short_message })).toBe(text)
  })

  it('may have its text in message_payload', () => {
    expect(textOf({}, { message_payload: Buffer.from('Code 482913') })).toBe('Code 482913')
    const empty = { message_payload: Buffer.alloc(0) }
    expect(textOf({ short_message: Buffer.from('here') }, empty)).toBe('here')
  })

  it('names its ends as other suppliers do', () => {
    const alphanumeric = { source_addr_ton: 5, source_addr: 'WhatsApp' }
    expect(read({ short_message: Buffer.from('x') })).toMatchObject({
      message: { phone: '+12015550123', sender: '+12015550188', ref: null },
    })
    expect(read({ ...alphanumeric, short_message: Buffer.from('x') })).toMatchObject({
      message: { sender: 'WhatsApp' },
    })
  })

  it('has the id of the SMSC, if there is one', () => {
    const short_message = Buffer.from('x')
    expect(read({ short_message }, { receipted_message_id: 'a1' })).toMatchObject({
      message: { ref: 'a1' },
    })
    expect(read({ short_message }, { receipted_message_id: '0' })).toMatchObject({
      message: { ref: null },
    })
  })

  it.each([0x04, 0x20, 0x44])('of the class 0x%s is a receipt', (esm_class) => {
    const short_message = Buffer.from('id:1 sub:001 dlvrd:001 stat:DELIVRD err:000')
    expect(read({ esm_class, short_message })).toEqual({ kind: 'receipt' })
  })

  it.each([0x00, 0x02, 0x80, 0x08, 0x10])('of the class 0x%s is a message', (esm_class) => {
    expect(textOf({ esm_class, short_message: Buffer.from('x') })).toBe('x')
  })

  it('to a port of the phone is no text, unless it is one', () => {
    const header = '0605040b8423f0'
    const esm_class = 0x40
    const program = { esm_class, data_coding: 4, short_message: bytes(`${header}0601`) }
    expect(textOf(program)).toBe('no-text')
    expect(textOf({ ...program, data_coding: 0, short_message: bytes(`${header}41`) })).toBe('A')
  })

  it('never makes the reader fail, whatever is in it', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    const fields = fc.record({
      ...{
        esm_class: byte,
        data_coding: byte,
        source_addr: fc.string(),
        destination_addr: fc.string(),
      },
      short_message: fc.uint8Array({ maxLength: 255 }).map((one) => Buffer.from(one)),
    })
    const alphabets = fc.constantFrom('gsm7', 'gsm7-packed', 'ascii', 'latin1', 'utf-8')
    fc.assert(
      fc.property(fields, alphabets, (one, usual) => {
        expect(['message', 'receipt', 'no-text']).toContain(
          read(one, {}, usual as DefaultAlphabet).kind,
        )
      }),
      { numRuns: attempts(500, 50_000) },
    )
  })
})

describe('a part', () => {
  const part = (hex: string, more: object = {}) => {
    const one = read({ esm_class: 0x40, short_message: bytes(hex), ...more })
    return one.kind === 'message' ? one.message : one.kind
  }
  it.each([
    ['by 8 bits', '0500032a0302 41', { reference: '2a', total: 3, number: 2 }],
    ['by 16 bits', '060804012a0302 41', { reference: '012a', total: 3, number: 2 }],
    ['after other elements', '0a 24 01 01 00 03 2a 03 02 00 00 41', { reference: '2a' }],
  ])('is known %s', (_name, hex, known) => {
    expect(part(hex)).toMatchObject({ text: 'A', part: known })
  })

  it.each([
    ['its number is 0', '0500032a0300 41'],
    ['its number is above the total', '0500032a0304 41'],
    ['there is only one', '0500032a0101 41'],
    ['the element has another length', '0400022a03 41'],
  ])('is a message by itself if %s', (_name, hex) => {
    const one = part(hex)
    expect(one).toMatchObject({ text: 'A' })
    expect(one).not.toHaveProperty('part')
  })

  it('is known by the parameters of the SMSC', () => {
    const tlvs = { sar_msg_ref_num: 513, sar_total_segments: 2, sar_segment_seqnum: 1 }
    expect(read({ short_message: Buffer.from('x') }, tlvs)).toMatchObject({
      message: { part: { reference: 'sar 513', total: 2, number: 1 } },
    })
  })

  it('has the language of its header', () => {
    expect(part('06 240101 250101 1b67 04')).toMatchObject({ text: 'ğ€' })
  })

  it('that is packed begins at a whole character after its header', () => {
    const header = bytes('0500032a0201')
    const septets = encodeSeptets('Code 482913 is yours')
    const body = packSeptets(septets, 1)
    const short_message = Buffer.concat([header, body])
    expect(textOf({ esm_class: 0x40, short_message }, {}, 'gsm7-packed')).toBe(
      'Code 482913 is yours',
    )
    const long = bytes('060804012a0201')
    const exact = Buffer.concat([long, packSeptets(septets, 0)])
    expect(textOf({ esm_class: 0x40, short_message: exact }, {}, 'gsm7-packed')).toBe(
      'Code 482913 is yours',
    )
  })

  it('may end in half of a character', () => {
    const half = Buffer.concat([bytes('0500032a0201'), utf16('a😀').subarray(0, 4)])
    expect(textOf({ esm_class: 0x40, data_coding: 8, short_message: half })).toBe('a\ud83d')
  })

  it('with a header longer than the message is text', () => {
    expect(readHeader(bytes('ff0003'))).toEqual(noHeader)
    expect(readHeader(Buffer.alloc(0))).toEqual(noHeader)
  })
})

describe('equal deliveries', () => {
  let sequence = 0
  const digest = (...given: Parameters<typeof delivery>) =>
    digestOf({ ...delivery(...given), sequence: ++sequence }).toString('hex')

  it('are known by all that tells messages apart, and by nothing else', () => {
    const short_message = Buffer.from('Code 482913')
    const first = digest({ short_message })
    const times = { validity_period: '000001000000000R', priority_flag: 3 }
    expect(digest({ short_message, ...times }, { user_message_reference: 1 })).toBe(first)
    expect(digest({}, { message_payload: short_message })).toBe(first)
    const others = [
      { short_message: Buffer.from('Code 482914') },
      { short_message, source_addr: '12015550189' },
      { short_message, destination_addr: '12015550124' },
      { short_message, data_coding: 1 },
      { short_message, esm_class: 0x40 },
    ].map((fields) => digest(fields))
    const part = digest({ short_message }, { sar_msg_ref_num: 1 })
    expect(new Set([first, part, ...others]).size).toBe(others.length + 2)
  })
})

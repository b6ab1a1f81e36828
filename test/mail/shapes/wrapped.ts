// M1: texts in a wrapping: opaque S/MIME signatures, the `winmail.dat` of Outlook, and RTF.
import { base64, mail, type Shape, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const encoded = (type: string, bytes: Buffer, more: readonly string[] = []) =>
  mail([`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', ...more], base64(bytes))
const shown = (name: string, raw: string, as = text) =>
  shape(name, raw, { text: as, code: '482918' })

// S/MIME

/** An element of BER. */
function element(tag: number, ...inside: readonly Buffer[]): Buffer {
  const content = Buffer.concat(inside)
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
const endless = (tag: number, ...inside: readonly Buffer[]) =>
  Buffer.concat([Buffer.from([tag, 0x80]), ...inside, Buffer.from([0, 0])])
const named = (last: number) => element(6, Buffer.from(`2a864886f70d01070${last}`, 'hex'))
const version = element(2, Buffer.from([1]))
const algorithms = element(0x31, element(0x30, named(1)))

const wrap = (content: Buffer, kind = 2) =>
  element(
    0x30,
    named(kind),
    element(0xa0, element(0x30, version, algorithms, content, element(0x31))),
  )
const content = (data: Buffer) => element(0x30, named(1), element(0xa0, data))
const signedMail = (source: string) => wrap(content(element(4, Buffer.from(source, 'latin1'))))
const inner = `Content-Type: text/plain\r\n\r\n${text}\r\n`
const pieces = endless(
  0x24,
  element(4, Buffer.from(inner.slice(0, 38))),
  element(4, Buffer.from(inner.slice(38))),
)
const streamed = endless(
  0x30,
  named(2),
  endless(0xa0, endless(0x30, version, algorithms, endless(0x30, named(1), endless(0xa0, pieces)))),
)
const smime = 'application/pkcs7-mime; smime-type=signed-data; name=smime.p7m'
const attached = ['Content-Disposition: attachment; filename=smime.p7m']
const unread = (name: string, raw: string, as: string) =>
  shape(name, raw, { text: as, isReadable: false, code: null })

const signatures: readonly Shape[] = [
  shown('an opaque signature', encoded(smime, signedMail(inner), attached)),
  shown('an opaque signature in pieces', encoded(smime, streamed, attached)),
  shown(
    'an opaque signature by its old type',
    encoded('application/x-pkcs7-mime', signedMail(inner)),
  ),
  shown(
    'an opaque signature as octet-stream',
    encoded('application/octet-stream; name=smime.p7m', signedMail(inner)),
  ),
  shown('a signature that is cut off', encoded(smime, signedMail(inner).subarray(0, -4))),
  shown('a signed text without a header', encoded(smime, signedMail(text))),
  shown(
    'a signed page',
    encoded(smime, signedMail(`Content-Type: text/html\r\n\r\n<p>Your code is <b>482918</b>.</p>`)),
  ),
  shown(
    'a signature in a signature',
    encoded(smime, signedMail(encoded(smime, signedMail(inner)))),
  ),
  shown(
    'a signature and a footer',
    mail(
      ['Content-Type: multipart/mixed; boundary=b'],
      [
        `--b\nContent-Type: ${smime}\nContent-Transfer-Encoding: base64\n`,
        `${base64(signedMail(inner))}\n--b\nContent-Type: text/plain\n\nBye\n--b--`,
      ].join('\n'),
    ),
    `${text}\n\nBye`,
  ),
  unread(
    'an encrypted mail of S/MIME',
    encoded('application/pkcs7-mime; smime-type=enveloped-data', wrap(content(element(4)), 3)),
    'This mail is encrypted.',
  ),
  unread(
    'a signature without content',
    encoded(smime, wrap(element(0x30, named(1)))),
    'This mail has no text. Attachments: smime.p7m, 50 bytes.',
  ),
  unread(
    'certificates alone',
    encoded('application/pkcs7-mime; smime-type=certs-only; name=a.p7c', Buffer.alloc(99, 0x30)),
    'This mail has no text. Attachments: a.p7c, 99 bytes.',
  ),
]

// RTF

const rtf = (body: string) => `{\\rtf1\\ansi\\ansicpg1252\\deff0${body}}`
const fonts = '{\\fonttbl{\\f0\\fnil Arial;}{\\f1\\fcharset204 Arial;}}'
const ofHtml = [
  '\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Your code is {\\*\\htmltag84 <b>}',
  '\\htmlrtf {\\b\\htmlrtf0 482918{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0 .',
  '{\\*\\htmltag72 </p>}\\htmlrtf }\\htmlrtf0',
].join('')
const documents: Readonly<Record<string, readonly [rtf: string, shown: string]>> = {
  'a paragraph': [rtf(`${fonts}\\pard\\f0 Your code is {\\b 482918}.\\par`), text],
  'what is not text': [
    rtf(`{\\*\\generator X 111222;}{\\info{\\title Call 111222}}{\\stylesheet{\\s0 Code;}}${text}`),
    text,
  ],
  'letters of a code page': [rtf(`K\\'e4se: ${text}`), `Käse: ${text}`],
  'letters of a font': [rtf(`${fonts}\\f1 \\'ca\\'ee\\'e4: \\f0 482918`), 'Код: 482918'],
  'letters by number': [
    rtf('\\uc1 K\\u228?se {\\uc0\\u8364}5, code 482918'),
    'Käse €5, code 482918',
  ],
  'hidden letters': [rtf(`{\\v Call 111222}${text}`), text],
  'lines and cells': [
    rtf('Your code\\line 482918\\par Bye\\cell now'),
    'Your code\n482918\nBye\tnow',
  ],
  'a link': [
    rtf(`{\\field{\\*\\fldinst HYPERLINK "https://example.com/"}{\\fldrslt ${text}}}`),
    text,
  ],
  signs: [rtf('Your code: \\{482918\\}\\~a\\_b \\\\c'), 'Your code: {482918}\u00a0a-b \\c'],
  'bytes of a picture': [rtf(`\\bin6 {{}}\\a${text}`), text],
  'a page of HTML': [rtf(ofHtml), text],
  'an end that is missing': [rtf(`\\pard ${text}`).slice(0, -1), text],
}

const rich: readonly Shape[] = [
  ...Object.entries(documents).map(([name, [source, as]]) =>
    shown(`RTF with ${name}`, mail(['Content-Type: application/rtf'], source), as),
  ),
  ...[
    'text/rtf',
    'text/richtext',
    'application/msword',
    'text/plain',
    'application/octet-stream',
  ].map((type) => shown(`RTF as ${type}`, mail([`Content-Type: ${type}`], rtf(text)))),
  shown(
    'RTF beside a text',
    mail(
      ['Content-Type: multipart/mixed; boundary=b'],
      `--b\n\n${text}\n--b\nContent-Type: text/rtf\n\n${rtf('Call 111222')}\n--b--`,
    ),
  ),
  unread(
    'RTF without text',
    mail(['Content-Type: application/rtf; name=a.rtf'], rtf('{\\info{\\title x}}')),
    'This mail has no text. Attachments: a.rtf, 49 bytes.',
  ),
]

// TNEF

const number = (value: number, size = 4) => {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntLE(value, 0, size)
  return bytes
}
const attribute = (level: number, id: number, data: Buffer) =>
  Buffer.concat([number(level, 1), number(id), number(data.length), data, number(0, 2)])
const tnef = (...attributes: readonly Buffer[]) =>
  Buffer.concat([number(0x223e9f78), number(1, 2), ...attributes])
const property = (type: number, id: number, ...value: readonly Buffer[]) =>
  Buffer.concat([number(type, 2), number(id, 2), ...value])
const long = (data: Buffer) =>
  Buffer.concat([number(1), number(data.length), data, Buffer.alloc((4 - (data.length % 4)) % 4)])
const properties = (...all: readonly Buffer[]) =>
  attribute(1, 0x69003, Buffer.concat([number(all.length), ...all]))

/** Compressed RTF of nothing but single bytes, and its end. */
function packed(source: string): Buffer {
  const bytes = Buffer.from(source, 'latin1')
  const groups: Buffer[] = []
  for (let at = 0; at < bytes.length; at += 8) groups.push(number(0, 1), bytes.subarray(at, at + 8))
  const rest = bytes.length % 8
  const end = ((207 + bytes.length) % 4_096) << 4
  if (rest > 0) groups[groups.length - 2] = number(1 << rest, 1)
  else groups.push(number(1, 1))
  groups.push(Buffer.from([end >> 8, end & 0xff]))
  const data = Buffer.concat(groups)
  return Buffer.concat([
    ...[number(data.length + 12), number(bytes.length), Buffer.from('LZFu'), number(0), data],
  ])
}
const wide = (source: string) => Buffer.from(`${source}\u0000`, 'utf16le')
const date = property(0x40, 0x39, Buffer.alloc(8, 1))
const ownNumber = property(3, 0x8001, Buffer.alloc(16), number(0), number(7), number(5))
const ownText = property(
  ...([0x1e, 0x8002] as const),
  ...[Buffer.alloc(16), number(1), number(6), Buffer.concat([wide('ab'), Buffer.alloc(2)])],
  long(Buffer.from('x')),
)
const several = property(0x1003, 0x1234, number(2), number(1), number(2))
const html = `<p>Your code is <b>482918</b>.</p>`
const bodies: Readonly<Record<string, Buffer>> = {
  'a text': tnef(attribute(1, 0x2800c, Buffer.from(`${text}\r\n\u0000`))),
  'a text in UTF-16': tnef(properties(date, property(0x1f, 0x1000, long(wide(text))))),
  'a text after other properties': tnef(
    properties(date, ownNumber, ownText, several, property(0x1e, 0x1000, long(Buffer.from(text)))),
  ),
  'a page': tnef(properties(property(0x102, 0x1013, long(Buffer.from(html))))),
  'compressed RTF': tnef(properties(property(0x102, 0x1009, long(packed(rtf(text)))))),
  'RTF that is not compressed': tnef(
    properties(
      property(
        ...([0x102, 0x1009] as const),
        long(
          Buffer.concat([
            number(0),
            number(60),
            Buffer.from('MELA'),
            number(0),
            Buffer.from(rtf(text)),
          ]),
        ),
      ),
    ),
  ),
  'compressed RTF of a page': tnef(properties(property(0x102, 0x1009, long(packed(rtf(ofHtml)))))),
  'a file before the text': tnef(
    attribute(2, 0x6800f, Buffer.from('Call 111222')),
    attribute(1, 0x2800c, Buffer.from(text)),
  ),
  'an end that is missing': tnef(attribute(1, 0x2800c, Buffer.from(text))).subarray(0, -2),
}
const winmail = 'application/ms-tnef; name=winmail.dat'

const outlook: readonly Shape[] = [
  ...Object.entries(bodies).map(([name, bytes]) =>
    shown(`winmail.dat with ${name}`, encoded(winmail, bytes)),
  ),
  shown(
    'winmail.dat as octet-stream',
    encoded('application/octet-stream; name=winmail.dat', bodies['a text'] as Buffer, [
      'Content-Disposition: attachment',
    ]),
  ),
  shown(
    'winmail.dat in a code page',
    encoded(
      winmail,
      tnef(
        attribute(1, 0x69007, number(1251)),
        properties(
          property(0x1e, 0x1000, long(Buffer.from('\u00ca\u00ee\u00e4 482918', 'latin1'))),
        ),
      ),
    ),
    'Код 482918',
  ),
  shown(
    'winmail.dat beside a text',
    mail(
      ['Content-Type: multipart/mixed; boundary=b'],
      [
        `--b\n\n${utf8(text)}\n--b\nContent-Type: ${winmail}\nContent-Transfer-Encoding: base64\n`,
        `${base64(tnef(attribute(1, 0x2800c, Buffer.from('Call 111222'))))}\n--b--`,
      ].join('\n'),
    ),
  ),
  unread(
    'winmail.dat without a body',
    encoded(winmail, tnef(attribute(2, 0x6800f, Buffer.alloc(100)))),
    'This mail has no text. Attachments: winmail.dat, 117 bytes.',
  ),
]

export const wrapped: readonly Shape[] = [...signatures, ...rich, ...outlook]

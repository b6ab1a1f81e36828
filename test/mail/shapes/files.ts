// Attachments and their names: RFC 2231 in every broken form, and mails of nothing but files.
import { base64, mail, type Shape, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const picture = base64(Buffer.alloc(2_000, 0x89))
const file = (parameters: string) =>
  mail(
    [
      'Content-Type: image/png',
      `Content-Disposition: attachment; ${parameters}`,
      'Content-Transfer-Encoding: base64',
    ],
    picture,
  )
const named = (name: string) => `This mail has no text. Attachments: ${name}, 2 kB.`
const mixed = (...parts: readonly string[]) =>
  mail(['Content-Type: multipart/mixed; boundary=b'], `--b\n${parts.join('\n--b\n')}\n--b--`)
const plain = (body: string, more = '') => `Content-Type: text/plain\n${more}\n${body}`
const image = `Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n${picture}`

const names: Readonly<Record<string, readonly [parameters: string, name: string]>> = {
  'a plain name': ['filename=code.png', 'code.png'],
  'a name in quotes': ['filename="my code.png"', 'my code.png'],
  'a name with blanks and without quotes': ['filename=my code.png', 'my code.png'],
  'RFC 2231': ["filename*=utf-8''K%C3%A4se.png", 'Käse.png'],
  'RFC 2231 with a language': ["filename*=utf-8'de'K%C3%A4se.png", 'Käse.png'],
  'RFC 2231 in quotes': [`filename*="utf-8''K%C3%A4se.png"`, 'Käse.png'],
  'RFC 2231 without a charset': ["filename*=''K%C3%A4se.png", 'Käse.png'],
  'RFC 2231 without any quotes': ['filename*=K%C3%A4se.png', 'Käse.png'],
  'RFC 2231 with garbage': ["filename*=utf-8''100%.png", '100%.png'],
  'RFC 2231 with an unknown charset': ["filename*=x-unknown''K%C3%A4se.png", 'Käse.png'],
  'RFC 2231 in Latin-1': ["filename*=iso-8859-1''K%E4se.png", 'Käse.png'],
  segments: ['filename*0="a"; filename*1="b.png"', 'ab.png'],
  'segments out of order': ['filename*1="b.png"; filename*0="a"', 'ab.png'],
  'segments without the first': ['filename*1="a"; filename*2="b.png"', 'ab.png'],
  'encoded segments': ["filename*0*=utf-8''K%C3; filename*1*=%A4se.png", 'Käse.png'],
  'segments of both kinds': [`filename*0*=utf-8''K%C3%A4; filename*1="se%.png"`, 'Käse%.png'],
  'both forms': [`filename="x.png"; filename*=utf-8''K%C3%A4se.png`, 'Käse.png'],
  'an encoded word': ['filename="=?utf-8?Q?K=C3=A4se.png?="', 'Käse.png'],
  'an encoded word without quotes': ['filename==?utf-8?Q?K=C3=A4se.png?=', 'Käse.png'],
  'raw bytes': [utf8('filename="Käse.png"'), 'Käse.png'],
  'no name': ['size=12', 'image/png'],
}

const page = 'Your code is <b>482918</b>.<br>\nBye'
const event =
  'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Your code is 482918.\nEND:VEVENT\nEND:VCALENDAR'
const octets = 'Content-Type: application/octet-stream'
const disposed = (parameters: string) => `Content-Disposition: inline; ${parameters}`

/** Files whose type says nothing: their names do. */
const byName: Readonly<
  Record<string, readonly [headers: readonly string[], body: string, text: string]>
> = {
  'a page by its name, .htm': [[`${octets}; name=msg.htm`], page, 'Your code is 482918.\nBye'],
  'a page by its name, .HTML': [[`${octets}; name="MSG.HTML"`], page, 'Your code is 482918.\nBye'],
  'a page by its name, .xhtml': [[`${octets}; name=msg.xhtml`], page, 'Your code is 482918.\nBye'],
  'a page by its file name': [
    [octets, disposed('filename=a.htm')],
    page,
    'Your code is 482918.\nBye',
  ],
  'a page by a name of RFC 2231': [
    [octets, disposed("filename*=utf-8''K%C3%A4se.htm")],
    page,
    'Your code is 482918.\nBye',
  ],
  'a page by a name in segments': [
    [octets, disposed('filename*0="a."; filename*1="html"')],
    page,
    'Your code is 482918.\nBye',
  ],
  'a page by its name alone': [[disposed('filename=a.html')], page, 'Your code is 482918.\nBye'],
  'a page that is only attached': [
    [octets, 'Content-Disposition: attachment; filename=a.htm'],
    page,
    'Your code is 482918.\nBye',
  ],
  'a page for downloads': [
    ['Content-Type: application/force-download; name=a.htm'],
    page,
    'Your code is 482918.\nBye',
  ],
  'a text by its name': [
    [`${octets}; name=a.txt`],
    '1 < 2 > 0.\nYour code is 482918.',
    `1 < 2 > 0.\n${text}`,
  ],
  'a text whose type is told, with the name of a page': [
    ['Content-Type: text/plain; name=a.htm'],
    '1 <b> 2\nYour code is 482918.',
    `1 <b> 2\n${text}`,
  ],
  'an invitation by its name': [[`${octets}; name=invite.ics`], event, text],
  'an invitation by its file name': [[octets, disposed('filename=invite.vcs')], event, text],
  'a mail by its name': [
    [`${octets}; name=a.eml`],
    `Subject: Code\nContent-Type: text/html\n\n<p>${text}</p>`,
    `Subject: Code\n\n${text}`,
  ],
}

const signature = '-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----'

export const files: readonly Shape[] = [
  ...Object.entries(byName).map(([name, [headers, body, shown]]) =>
    shape(name, mail(headers, body), { text: shown, code: '482918' }),
  ),
  shape(
    'a file of bytes with the name of a page',
    mail(
      [`${octets}; name=a.htm`, 'Content-Transfer-Encoding: base64'],
      base64('\u0000\u0001\u0002\u0003482918'),
    ),
    { text: 'This mail has no text. Attachments: a.htm, 10 bytes.', isReadable: false },
  ),
  shape(
    'a text and a page by its name',
    mixed(plain(text), `${octets}; name=terms.htm\n\n<p>Terms 777123</p>`),
    text,
  ),
  ...Object.entries(names).map(([name, [parameters, shown]]) =>
    shape(name, file(parameters), { text: named(shown), isReadable: false }),
  ),
  shape(
    'a picture alone',
    mail(['Content-Type: image/png; name="a.png"', 'Content-Transfer-Encoding: base64'], picture),
    {
      text: named('a.png'),
      isReadable: false,
      code: null,
    },
  ),
  shape(
    'a PDF named after a code',
    mail(
      [
        'Content-Type: application/pdf; name="code 482918.pdf"',
        'Content-Transfer-Encoding: base64',
      ],
      base64('%PDF-1.4 and more'),
    ),
    {
      text: 'This mail has no text. Attachments: code 482918.pdf, 17 bytes.',
      isReadable: false,
    },
  ),
  shape(
    'a PDF sent as octet-stream',
    mail(['Content-Type: application/octet-stream; name=a.pdf'], '%PDF-1.4 482918'),
    {
      text: 'This mail has no text. Attachments: a.pdf, 17 bytes.',
      isReadable: false,
    },
  ),
  shape('a text and a picture', mixed(plain(text), image), text),
  shape('a picture and a text', mixed(image, plain(text)), text),
  shape('an empty text and a picture', mixed(plain(''), image), {
    text: named('a.png'),
    isReadable: false,
  }),
  shape(
    'an attached text alone',
    mixed(plain(text, 'Content-Disposition: attachment; filename=a.txt\n')),
    text,
  ),
  shape(
    'an empty text and an attached text',
    mixed(plain(' \n'), plain(text, 'Content-Disposition: attachment\n')),
    text,
  ),
  shape(
    'a text and an attached text',
    mixed(plain(text), plain('Terms', 'Content-Disposition: attachment\n')),
    text,
  ),
  shape(
    'a text and an inline text with a name',
    mixed(plain(text), plain('Bye', 'Content-Disposition: inline; filename=a.txt\n')),
    `${text}\n\nBye`,
  ),
  shape(
    'an attached page alone',
    mixed(`Content-Type: text/html\nContent-Disposition: attachment\n\n<p>${text}</p>`),
    text,
  ),
  shape(
    'a text as octet-stream',
    mixed(`Content-Type: application/octet-stream; name=code\n\n${text}`),
    text,
  ),
  shape('two texts', mixed(plain('Hello,'), plain(text)), `Hello,\n\n${text}`),
  shape(
    'a text, a page, a text',
    mixed(plain('Hello,'), `Content-Type: text/html\n\n<p>${text}</p>`, plain('Bye')),
    `Hello,\n\n${text}\n\nBye`,
  ),
  shape(
    'an encrypted mail',
    mail(
      ['Content-Type: multipart/encrypted; boundary=b'],
      [
        '--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1',
        '--b\nContent-Type: application/octet-stream; name=a.asc\n\n\u0000\u0001\u0002\n--b--',
      ].join('\n'),
    ),
    {
      text: 'This mail is encrypted.',
      isReadable: false,
    },
  ),
  shape(
    'a text that is said to be encrypted',
    mail(['Content-Type: application/pgp-encrypted'], text),
    { text, code: '482918' },
  ),
  shape(
    'a text in place of the control part of an encrypted mail',
    mail(
      ['Content-Type: multipart/encrypted; boundary=b'],
      [
        `--b\nContent-Type: application/pgp-encrypted\n\n${text}`,
        '--b\nContent-Type: application/octet-stream; name=a.asc\n\n\u0000\u0001\u0002\n--b--',
      ].join('\n'),
    ),
    { text, code: '482918' },
  ),
  shape(
    'the control part of an encrypted mail alone',
    mail(['Content-Type: application/pgp-encrypted'], 'Version: 1\n'),
    { text: 'This mail is encrypted.', isReadable: false },
  ),
  shape(
    'a signed mail',
    mail(
      ['Content-Type: multipart/signed; boundary=b; protocol="application/pgp-signature"'],
      `--b\n${plain(text)}\n--b\nContent-Type: application/pgp-signature\n\n${signature}\n--b--`,
    ),
    text,
  ),
]

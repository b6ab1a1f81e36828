// M3: transfer encodings with padding, garbage and wrong names.
import { base64, mail, type Shape, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const as = (encoding: string) => [`Content-Transfer-Encoding: ${encoding}`]
const quoted = as('quoted-printable')
const short = base64(text)
const uu = 'begin 644 code.txt\n466]U<B!C;V1E(&ES(#0X,CDQ."X\n \nend\n'

const everyThird = (garbage: string) => short.replace(/(.{3})/g, `$1${garbage}`)
const garbled: readonly (readonly [name: string, body: string])[] = [
  ['with an asterisk after every third letter', everyThird('*')],
  ['with more garbage than letters', everyThird('#!%~')],
  ['with bytes that are no ASCII', everyThird('\u00fe\u0080')],
  ['with garbage and blanks', everyThird(' . ')],
  ['with garbage and without padding', everyThird('?').replace(/=/g, '')],
  ['with an equals sign in it', short.replace(/^(.{5})/, '$1=')],
  ['with quotes before its lines', short.replace(/(.{9})/g, '$1\n> ').replace(/^/, '> ')],
]
const whole = base64('Your code: 482918.')
const footer = '-- \nSent by a list, with blanks.'
const followed: readonly (readonly [name: string, body: string, shown: string])[] = [
  ['a footer, without padding', `${whole}\n${footer}`, `Your code: 482918.\n${footer}`],
  ['one word', `${short}\nRegards`, `${text}\nRegards`],
  ['text on its last line', `${short} Thank you!`, `${text} Thank you!`],
  [
    'text after padding that is missing',
    `${short.replace(/=/g, '')}\n${footer}`,
    `${text}\n${footer}`,
  ],
  [
    'a footer after garbage',
    `${everyThird('*')}\n\nUnsubscribe: https://example.com/?a=b`,
    `${text}\n\nUnsubscribe: https://example.com/?a=b`,
  ],
]

const filler = 'This line is long enough to be broken by every program that encodes it, sure'
const undeclared: Readonly<Record<string, readonly [body: string, shown: string]>> = {
  'a number split by a soft break': ['Your code is 48=\n2918.', text],
  'a number alone, split': ['482=\n918', '482918'],
  'a split number with blanks after it': ['Your code is 48=  \n2918.', text],
  'letters of several bytes': ['Your c=C3=B6de is 482918.', 'Your cöde is 482918.'],
  'a soft break and an equals sign': [
    'a =3D b, and your co=\nde is 482918.',
    'a = b, and your code is 482918.',
  ],
  'encoded blanks and a soft break': [
    'Hello,=20\nyour co=\nde is 482918.',
    'Hello, \nyour code is 482918.',
  ],
  'encoded line breaks': ['Hello,=0D=0A482918', 'Hello,\n482918'],
  'full lines': [
    `${filler.slice(0, 75)}=\n${filler.slice(75)} ${filler.slice(0, 72)}=\n${filler.slice(72)}: 482918`,
    `${filler} ${filler}: 482918`,
  ],
}
const unquoted = [
  'a=b and 48 =\n2918',
  'Your key: c2VjcmV0IQ==\n482918',
  'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnc=\n482918',
  'Open https://example.com/verify?token=\n482918',
  'Open https://example.com/verify?id=48=\n2918',
  'Code=482918\nUser=\nName=',
  '1=\n2=\n3=\n482918',
  '12+12=\n24 and 482918',
  'mode=3D\nage=20\n482918',
  `${'Terms '.repeat(12)}A=\n482918`,
  'status=active\ntoken=\n482918',
  `Open this page, please: https://example.com/v/482918/${'a'.repeat(20)}?t=\n482918`,
]

export const encodings: readonly Shape[] = [
  shape('two carriage returns behind a soft break', mail(quoted, 'Your code is 48=\r\r\n2918.'), {
    text,
    code: '482918',
  }),
  shape('blanks behind a soft break', mail(quoted, 'Your code is 48=  \t \n2918.'), {
    text,
    code: '482918',
  }),
  shape('a tab behind a soft break', mail(quoted, 'Your code is 48=\t\n2918.'), text),
  shape('a soft break', mail(quoted, 'Your code is 48=\n2918.'), text),
  shape('a soft break at the end', mail(quoted, `${text}=`), text),
  shape(
    'soft breaks with line feeds alone',
    mail(quoted, 'Your code is 48=\n2918.').replaceAll('\r\n', '\n'),
    text,
  ),
  shape('blanks at the ends of lines', mail(quoted, `${text}   \nBye \t\n`), `${text}\nBye`),
  shape(
    'a blank that is encoded at the end of a line',
    mail(quoted, `${text}=20\nBye`),
    `${text} \nBye`,
  ),
  shape('small hexadecimal letters', mail(quoted, 'K=c3=a4se 482918'), 'Käse 482918'),
  shape(
    'an equals sign that encodes nothing',
    mail(quoted, 'a=b and c = d: 482918'),
    'a=b and c = d: 482918',
  ),
  shape(
    'an equals sign before half a number',
    mail(quoted, 'Code=4: =G1 482918'),
    'Code=4: =G1 482918',
  ),
  shape('a double equals sign', mail(quoted, 'x==3D 482918'), 'x== 482918'),
  shape('a letter split by a soft break', mail(quoted, 'K=C3=\n=A4se 482918'), 'Käse 482918'),
  shape('bytes that are not encoded', mail(quoted, utf8('Käse =3D 482918')), 'Käse = 482918'),
  shape('a dot that is encoded', mail(quoted, '=2E.. 482918'), '... 482918'),
  shape('encoded line breaks', mail(quoted, 'Hello=0D=0A482918'), 'Hello\n482918'),
  ...[
    'quoted printable',
    'QUOTED-PRINTABLE;',
    '"quoted-printable"',
    'quotedprintable',
    'quoted-printable (x)',
  ].map((name) =>
    shape(`quoted-printable as ${name}`, mail(as(name), 'K=C3=A4se 48=\n2918'), 'Käse 482918'),
  ),
  ...['base64', 'Base64;', 'base-64', 'BASE64 (x)', '"base64"'].map((name) =>
    shape(`base64 as ${name}`, mail(as(name), short), text),
  ),
  shape('base64 without its padding', mail(as('base64'), short.replace(/=+$/, '')), text),
  shape('base64 with too much padding', mail(as('base64'), `${short}====`), text),
  shape('base64 with blanks in it', mail(as('base64'), short.replace(/(.{5})/g, '$1 ')), text),
  shape('base64 with garbage in it', mail(as('base64'), short.replace(/(.{9})/g, '$1*')), text),
  shape(
    'base64 on lines of any length',
    mail(as('base64'), short.replace(/(.{7})/g, '$1\n')),
    text,
  ),
  shape(
    'base64 in pieces that were encoded one by one',
    mail(as('base64'), `${base64('Your code ')}\n${base64('is 482918.')}`),
    text,
  ),
  shape(
    'base64 with a letter too many',
    mail(as('base64'), `${short.replace(/=+$/, '')}=\n`),
    text,
  ),
  shape(
    'base64 for URLs',
    mail(as('base64'), base64('Code?>? 482918 ~~~').replaceAll('+', '-').replaceAll('/', '_')),
    'Code?>? 482918 ~~~',
  ),
  shape(
    'base64 with a text of a mailing list beneath it',
    mail(as('base64'), `${base64('Your code: 482918')}\n-- \nSent by a list, with blanks.`),
    'Your code: 482918\n-- \nSent by a list, with blanks.',
  ),
  shape('base64 said of a plain text', mail(as('base64'), text), text),
  shape(
    'base64 said of a long plain text',
    mail(as('base64'), `Hello!\n\n${text}\n\nThis is a text, not base64.`),
    `Hello!\n\n${text}\n\nThis is a text, not base64.`,
  ),
  shape('base64 of nothing but garbage', mail(as('base64'), '@@@@====='), '@@@@====='),
  ...garbled.map(([name, body]) => shape(`base64 ${name}`, mail(as('base64'), body), { text })),
  ...followed.map(([name, body, shown]) =>
    shape(`base64 and ${name}`, mail(as('base64'), body), { text: shown, code: '482918' }),
  ),
  ...['482918', '48291835', 'Code: 482918!', '*** 482918 ***', 'Hi!'].map((word) =>
    shape(`base64 said of ${word}`, mail(as('base64'), word), word),
  ),
  ...Object.entries(undeclared).flatMap(([name, [body, shown]]) =>
    [[], as('7bit'), as('x-unknown'), as('base64')].map((header) =>
      shape(`${name} under ${header[0] ?? 'no encoding'}`, mail(header, body), shown),
    ),
  ),
  ...unquoted.flatMap((body) =>
    [[], as('8bit')].map((header, i) =>
      shape(`no quoted-printable, ${i}: ${body.slice(0, 40)}`, mail(header, body), body),
    ),
  ),
  shape(
    'quoted-printable HTML that is not said to be',
    mail(['Content-Type: text/html'], '<p class=3D"a">Your code is <b>48=\n2918</b>.</p>'),
    { text, code: '482918' },
  ),
  shape(
    'a mail within a mail is decoded once',
    mail(
      ['Content-Type: message/rfc822'],
      ['Subject: x', ...quoted, '', 'A=3D3D"b" 48=', '2918'].join('\n'),
    ),
    'Subject: x\n\nA=3D"b" 482918',
  ),
  shape('uuencode', mail(as('x-uuencode'), uu), text),
  shape('uuencode by its plain name', mail(as('uuencode'), uu), text),
  shape('uuencode without an end', mail(as('x-uue'), uu.replace(' \nend\n', '')), text),
  shape('uuencode said of a plain text', mail(as('x-uuencode'), text), text),
  shape('a uuencoded file in a text', mail([], `${text}\n\n${uu}\nBye`), `${text}\n\n\nBye`),
  shape('nothing but a uuencoded text', mail([], uu), text),
  ...['7bit', '8bit', 'binary', '8-bit', 'utf-8', 'x-unknown', 'none', '?'].map((name) =>
    shape(`the encoding ${name}`, mail(as(name), utf8('Käse =3D 482918')), 'Käse =3D 482918'),
  ),
  shape(
    'two encodings, of which one does something',
    mail([...as('7bit'), ...quoted], 'K=C3=A4se 482918'),
    'Käse 482918',
  ),
  shape('two encodings that are alike', mail([...as('base64'), ...as('base64')], short), text),
]

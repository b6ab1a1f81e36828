// Mails that are made to be a burden, as a table. Each stands for its kind.
import { mailText } from '../harness/mail.ts'

export type HostileMail = {
  readonly name: string
  readonly raw: () => string
  /** Where only one of them is right; else whichever comes, in time. */
  readonly answer?: '250' | '554'
}

const plain = (body: string, headers: readonly string[] = []) =>
  `${mailText('Hello', '', headers)}${body}`
const html = (body: string) => plain(wrapped(body), ['Content-Type: text/html; charset=utf-8'])
const encoded = (encoding: string, body: string, type = 'text/plain; charset=utf-8') =>
  plain(body, [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`])
/** In lines that no server refuses. */
const wrapped = (text: string) => text.replace(/.{900}/gs, '$&\r\n')
const base64Of = (content: string | Buffer) =>
  Buffer.from(content as string)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n')
/** A body of a type, in base64: of its bytes, and repeated until it has about 4.5 MB. */
const ofBytes = (type: string, bytes: string) =>
  encoded('base64', base64Of(Buffer.from(bytes, 'latin1')), type)
const full = (type: string, piece: string, before = '', after = '') =>
  ofBytes(type, before + piece.repeat(Math.floor((3.2 * mebi) / piece.length)) + after)
const times = (count: number, one: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => one(i)).join('')
const mebi = 1024 * 1024

/** S1 and its relatives: what the taking apart costs. */
const structures: readonly HostileMail[] = [
  { name: 'nothing but line ends', raw: () => plain('\r\n'.repeat(2.4 * mebi)), answer: '554' },
  {
    name: 'quoted lines of flowed text',
    raw: () => plain('> \r\n'.repeat(1.2 * mebi), ['Content-Type: text/plain; format=flowed']),
    answer: '554',
  },
  {
    name: 'flowed text in 190,000 lines',
    raw: () =>
      plain('>> a \r\n'.repeat(190_000), ['Content-Type: text/plain; format=flowed; delsp=yes']),
  },
  {
    name: 'base64 in lines of two',
    raw: () => encoded('base64', 'A=\r\n'.repeat(mebi)),
    answer: '554',
  },
  {
    name: 'base64 of line ends',
    raw: () => encoded('base64', base64Of('\r\n'.repeat(1.6 * mebi))),
  },
  {
    name: 'base64 of quoted lines',
    raw: () => encoded('base64', base64Of('> \n'.repeat(mebi)), 'text/plain; format=flowed'),
  },
  { name: 'base64 of spaces', raw: () => encoded('base64', base64Of(' '.repeat(3 * mebi))) },
  {
    name: 'soft breaks of quoted-printable',
    raw: () => encoded('quoted-printable', '=\r\n'.repeat(1.5 * mebi)),
    answer: '554',
  },
  {
    name: 'line ends in quoted-printable',
    raw: () => encoded('quoted-printable', `${'=0D=0A'.repeat(12)}=\r\n`.repeat(60_000)),
  },
  {
    name: 'broken escapes of quoted-printable',
    raw: () => encoded('quoted-printable', `${'='.repeat(900)}\r\n`.repeat(4_000)),
  },
  {
    name: '10,000 multiparts in each other',
    raw: () =>
      `From: a@example.com\r\n${times(
        10_000,
        (i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
      )}`,
    answer: '554',
  },
  {
    name: '900 multiparts in each other',
    raw: () =>
      `From: a@example.com\r\n${times(
        900,
        (i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
      )}`,
  },
  {
    name: '1,900 small parts',
    raw: () =>
      plain('--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(1_900), [
        'Content-Type: multipart/mixed; boundary=b',
      ]),
  },
  {
    name: '100,000 small parts',
    raw: () =>
      plain('--b\r\n\r\nx\r\n'.repeat(100_000), ['Content-Type: multipart/mixed; boundary=b']),
    answer: '554',
  },
  {
    name: 'a border of one character',
    raw: () => plain('---\r\n\r\n'.repeat(1_900), ['Content-Type: multipart/mixed; boundary="-"']),
  },
  {
    name: 'borders that end in a carriage return',
    raw: () =>
      plain(`\n${'--b\r'.repeat(1.2 * mebi)}`, ['Content-Type: multipart/mixed; boundary=b']),
  },
  {
    name: 'mails in mails, 1,000 deep',
    raw: () => `From: a@example.com\r\n${'Content-Type: message/rfc822\r\n\r\n'.repeat(1_000)}`,
  },
  {
    name: 'a million headers',
    raw: () => `From: a@example.com\r\n${'a:\r\n'.repeat(mebi)}\r\nx`,
    answer: '554',
  },
  { name: 'a header of 1 MB', raw: () => plain('x', [`X: ${'y'.repeat(mebi)}`]), answer: '554' },
  {
    name: 'a header of 100,000 lines',
    raw: () => plain('x', [`X: ${'y\r\n '.repeat(100_000)}`]),
    answer: '554',
  },
  {
    name: 'uuencoded text',
    raw: () => plain(`begin 644 a\r\n${`M${'#'.repeat(60)}\r\n`.repeat(60_000)}`),
  },
  { name: 'one line of 4.9 MB', raw: () => plain('a '.repeat(2.45 * mebi)), answer: '250' },
  {
    name: 'lines that begin with a dot',
    raw: () => plain('..\r\n'.repeat(1.2 * mebi)),
    answer: '554',
  },
]

/** What is found in base64 only, and what old formats cost. */
const formats: readonly HostileMail[] = [
  {
    name: 'a digest of 10,000 mails',
    raw: () => ofBytes('multipart/digest; boundary=b', '--b\n\nSubject: x\n\ny\n'.repeat(10_000)),
    answer: '554',
  },
  {
    name: 'borders in base64 that end in a carriage return',
    raw: () => full('multipart/mixed; boundary=b', '--b\r', '\n'),
  },
  {
    name: 'mails in base64 in each other',
    raw: () => {
      let mail = 'x'.repeat(100_000)
      for (let i = 0; i < 12; i++)
        mail = `${encoded('base64', base64Of(mail), 'message/rfc822')}\r\n`
      return mail
    },
  },
  {
    name: '1,200 parts that are hardly base64',
    raw: () =>
      plain(
        `--b\r\nContent-Transfer-Encoding: base64\r\n\r\nA${' '.repeat(3_900)}A\r\n`.repeat(1_200),
        ['Content-Type: multipart/mixed; boundary=b'],
      ),
  },
  {
    name: 'uuencoded files that do not end',
    raw: () => full('text/plain', 'begin 644 a\n#0V%T\n'),
    answer: '250',
  },
  { name: 'letters of RTF', raw: () => full('application/rtf', "{\\rtf\\'e4", '{\\rtf1 ') },
  {
    name: 'fonts of RTF',
    raw: () =>
      full('text/rtf', "\\f0\\'82\\f1\\'e4", '{\\rtf1{\\fonttbl{\\f0\\fcharset128 a;}{\\f1 b;}}'),
  },
  {
    name: 'properties of Outlook without an end',
    raw: () =>
      full('application/ms-tnef', '\0', 'x\u009f>"\u0001\0\u0001\u0003\u0090\u0006\0\0\0 \0'),
  },
  {
    name: 'folded lines of a calendar',
    raw: () => full('text/calendar', '\n ', 'BEGIN:VCALENDAR\nSUMMARY:x'),
  },
  { name: 'blanks in rich text', raw: () => full('text/richtext', ' ', 'x', 'x') },
  { name: 'brackets in enriched text', raw: () => full('text/enriched', '<param>') },
  { name: 'UTF-7 markup', raw: () => full('text/html; charset=utf-7', '+ADw-p+AD4-') },
]

/** What single headers cost. */
const headers: readonly HostileMail[] = [
  {
    name: 'thousands of encoded words',
    raw: () =>
      plain('x', [
        `Thread-Topic: ${'=?utf-8?Q?=41?= '.repeat(50)}`,
        `Subject: ${'=?utf-8?B?QQ==?=\r\n '.repeat(900)}a`,
      ]),
  },
  {
    name: 'encoded words that do not end',
    raw: () => plain('x', [`Subject: ${'=?utf-8?Q?'.repeat(9_000)}`]),
  },
  {
    name: 'encoded words in a hundred charsets',
    raw: () => plain('x', [`Subject: ${times(900, (i) => `=?iso-8859-${i}?Q?=E4?=\r\n `)}a`]),
  },
  {
    name: 'thousands of continued parameters',
    raw: () => plain('x', [`Content-Type: text/plain${times(900, (i) => `;\r\n name*${i}*=%41`)}`]),
  },
  {
    name: 'a continued parameter of a huge number',
    raw: () =>
      plain('x', ['Content-Type: text/plain; name*0*=a; name*4294967295*=b; name*999999999999=c']),
  },
  {
    name: 'a parameter that does not end',
    raw: () => plain('x', [`Content-Type: text/plain; a="${'\\"'.repeat(90_000)}`]),
  },
  {
    name: '80,000 parameters',
    raw: () => plain('x', [`Content-Type: text/plain${';a=b'.repeat(50_000)}`]),
  },
  { name: 'brackets in From', raw: () => plain('x', [`From: ${'('.repeat(200_000)}`]) },
  { name: 'commas in From', raw: () => plain('x', [`From: ${'a@b.example,'.repeat(18_000)}`]) },
  { name: 'groups in To', raw: () => plain('x', [`To: ${'g:'.repeat(90_000)}`]) },
  { name: 'quotes in From', raw: () => plain('x', [`From: ${'"\\'.repeat(90_000)}`]) },
]

/** What markup costs. */
const markup: readonly HostileMail[] = [
  { name: '300 kB of cells', raw: () => html('<td></td>'.repeat(34_000)), answer: '250' },
  { name: 'a comment that does not end', raw: () => html('<!--'.repeat(75_000)), answer: '250' },
  { name: 'ampersands', raw: () => html('&'.repeat(300_000)), answer: '250' },
  { name: 'references', raw: () => html('&#1;'.repeat(75_000)), answer: '250' },
  { name: 'references that do not end', raw: () => html('&amp'.repeat(75_000)), answer: '250' },
  { name: '60,000 elements in each other', raw: () => html('<div>'.repeat(60_000)) },
  {
    name: 'hidden elements in each other',
    raw: () => html('<div style="display:none">'.repeat(11_000)),
  },
  {
    name: 'elements that are never closed',
    raw: () => html('<style>a<script>b<title>c'.repeat(12_000)),
  },
  { name: 'tags that do not end', raw: () => html('<a '.repeat(100_000)), answer: '250' },
  { name: 'attributes', raw: () => html(`<p ${'a="b" '.repeat(50_000)}>x</p>`) },
  { name: 'styles', raw: () => html(`<p style="${'color:red;'.repeat(30_000)}">x</p>`) },
  {
    name: 'a font with commas',
    raw: () => html(`<p style="font-family:${'a,'.repeat(140_000)}">x`),
  },
  { name: 'links', raw: () => html('<a href="https://a.example/&#x">'.repeat(9_000)) },
  { name: 'spaces', raw: () => html(' &nbsp;'.repeat(42_000)), answer: '250' },
  { name: 'line ends in markup', raw: () => html('<br>\n'.repeat(60_000)) },
  {
    name: 'comments in a style sheet that do not end',
    raw: () => full('text/html', '/*a ', '<p>x<style>', '</style>'),
    answer: '250',
  },
  {
    name: 'blanks in a selector',
    raw: () => full('text/html', ' ', '<p>x<style>a', 'b{color:red}</style>'),
    answer: '250',
  },
  {
    name: 'blanks in a media query',
    raw: () => full('text/html', ' ', '<p>x<style>@media screen', 'and x{a{color:red}}</style>'),
    answer: '250',
  },
  {
    name: '2,000 rules for each element',
    raw: () =>
      full('text/html', '<p class=a>x</p>', `<style>${'.a{color:red}'.repeat(2_000)}</style>`),
    answer: '250',
  },
  {
    name: 'text in reverse, 500 deep',
    raw: () =>
      html(`${'<bdo dir=rtl>'.repeat(500)}${'abc '.repeat(24_000)}${'</bdo>'.repeat(500)}`),
    answer: '250',
  },
  {
    name: 'ends of an element that stay open',
    raw: () => full('text/html', '</b>', `<b><p>x${'<i>'.repeat(95)}`),
    answer: '250',
  },
  {
    name: '300,000 attributes of one tag',
    raw: () => html(`<p ${times(300_000, (i) => `a${i}=b `)}>x</p>`),
    answer: '250',
  },
]

/** What the search for codes costs. */
const texts: readonly HostileMail[] = [
  { name: 'codes over codes', raw: () => plain('code 123456 \r\n'.repeat(1_500)), answer: '250' },
  {
    name: 'marks on marks',
    raw: () => plain(wrapped('Z\u0351\u036b'.repeat(7_000))),
    answer: '250',
  },
  { name: 'forms that grow', raw: () => plain(wrapped('\ufdfa'.repeat(20_000))), answer: '250' },
  { name: 'stars', raw: () => plain(wrapped('** **x'.repeat(3_000))), answer: '250' },
  { name: 'one line of digits', raw: () => plain('1234567890'.repeat(450_000)), answer: '250' },
  { name: 'labels without a code', raw: () => plain('code: '.repeat(750_000)), answer: '250' },
]

/** A mail that takes seconds of CPU time: in each of 100 parts, 2,000 rules for 500 elements. */
export function slowMail(): string {
  const sheet = `<style>${'.a{color:red}'.repeat(2_000)}</style>`
  const type = 'Content-Type: text/html\r\nContent-Transfer-Encoding: base64'
  const part = `--b\r\n${type}\r\n\r\n${base64Of(sheet + '<p class=a>x</p>'.repeat(500))}\r\n`
  return plain(part.repeat(100), ['Content-Type: multipart/mixed; boundary=b'])
}

export const hostileMails: readonly HostileMail[] = [
  ...structures,
  ...formats,
  ...headers,
  ...markup,
  ...texts,
]

// M3: bodies that are encoded otherwise than they say, and files and signatures inside a text.
import { base64, mail, type Shape, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const as = (encoding: string) => [`Content-Transfer-Encoding: ${encoding}`]
const multi = (kind: string, ...parts: readonly string[]) =>
  mail([`Content-Type: multipart/${kind}; boundary=b`], `--b\n${parts.join('\n--b\n')}\n--b--`)
const part = (type: string, body: string, more: readonly string[] = []) =>
  [`Content-Type: ${type}`, ...more, '', body].join('\n')
const long = `${text} Do not share it with anyone, please.`
const russian = 'Ваш код подтверждения: 482918. Никому не сообщайте его.'
const shown = (name: string, raw: string, as = text) =>
  shape(name, raw, { text: as, code: '482918' })
const unread = (name: string, raw: string, as: string) =>
  shape(name, raw, { text: as, isReadable: false, code: null })

const base64s: readonly Shape[] = [
  shown('base64 that is not declared', mail([], base64(long)), long),
  shown('base64 of Cyrillic that is not declared', mail([], base64(russian)), russian),
  shown(
    'base64 of a page that is not declared',
    mail(['Content-Type: text/html'], base64(`<html><body><p>${text}</p></body></html>`)),
  ),
  shown(
    'base64 under a misspelt field',
    mail(['Content-Transfert-Encoding: base64'], base64(text)),
  ),
  shown('base64 in base64', mail(as('base64'), base64(base64(text)))),
  shown('base64 and quoted-printable', mail(as('base64, quoted-printable'), base64(text))),
  shown(
    'base64 in quoted-printable',
    mail(
      as('base64'),
      base64(long)
        .replace(/(.{20})/g, '$1=20\n')
        .replace(/=$/, '=3D'),
    ),
    long,
  ),
  shown(
    'base64 whose padding is encoded',
    mail(as('base64'), base64('Your code: 482918').replace('=', '=3D')),
    'Your code: 482918',
  ),
  shown(
    'base64 of UTF-16 that is said to be UTF-8',
    mail(
      ['Content-Type: text/plain; charset=utf-8', ...as('base64')],
      base64(Buffer.from(`\ufeff${text}`, 'utf16le')),
    ),
  ),
  ...['dGhlIGtleQ==', 'c2VjcmV0LXRva2VuLTEyMzQ1Njc4', '0123456789abcdef0123456789abcdef'].map(
    (id) => shape(`no base64: ${id}`, mail([], id), id),
  ),
  shown(
    'an encoding on the next line',
    mail(['Content-Transfer-Encoding:', ' base64'], base64(text)),
  ),
  shown('an encoding behind a comment', mail(as('(8 to 6) base64'), base64(text))),
]

const yenc = `=ybegin line=128 size=4 name=a.txt\n\u0083\u0099\u009f\u009c\n=yend size=4`
const uu = 'begin 644 code.txt\n466]U<B!C;V1E(&ES(#0X,CDQ."X\n\nend\n'
const files: readonly Shape[] = [
  shown(
    'a text that begins like a file',
    mail([], `begin 100 days\n${text}`),
    `begin 100 days\n${text}`,
  ),
  shown('uuencode with a blank line as its end', mail(as('uuencode'), uu)),
  shown('uuencode with backticks', mail(as('uuencode'), uu.replace('\n\n', '\n`\n'))),
  unread('yEnc', mail([], yenc), 'This mail has no text. Attachments: a.txt, 53 bytes.'),
  shown('yEnc behind a text', mail([], `${text}\n\n${yenc}`)),
  unread(
    'BinHex',
    mail([], '(This file must be converted with BinHex 4.0)\n\n:#h9YC@dJ!3!!:'),
    'This mail has no text. Attachments: application/mac-binhex40, 62 bytes.',
  ),
  shown(
    'a mail in a file',
    multi(
      'mixed',
      part(
        'application/octet-stream; name=a.eml',
        base64(
          'Subject: Code\r\nContent-Type: text/html\r\n\r\n<p>Your code is <b>482918</b>.</p>',
        ),
        as('base64'),
      ),
    ),
    `Subject: Code\n\n${text}`,
  ),
]

const pgp = '-----BEGIN PGP MESSAGE-----\n\nhQEMA7777777\n=abcd\n-----END PGP MESSAGE-----'
const signed = [
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -- 5\nYour code is 482918.',
  '-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE654321\n=abcd\n-----END PGP SIGNATURE-----',
].join('\n')
const armours: readonly Shape[] = [
  unread('OpenPGP', mail([], pgp), 'This mail is encrypted.'),
  unread(
    'OpenPGP by RFC 3156',
    multi(
      'encrypted; protocol="application/pgp-encrypted"',
      part('application/pgp-encrypted', 'Version: 1'),
      part('application/octet-stream; name=encrypted.asc', pgp),
    ),
    'This mail is encrypted.',
  ),
  shown('a text signed with OpenPGP', mail([], signed), `-- 5\n${text}`),
  shown('a signature of OpenPGP that is cut off', mail([], signed.slice(0, -30)), `-- 5\n${text}`),
]

const notice = 'Your program cannot show HTML. See https://example.com/482000.'
const page = part('text/html', `<p>${text}</p>`)
const event = (line: string) => `BEGIN:VCALENDAR\nBEGIN:VEVENT\n${line}\nEND:VEVENT\nEND:VCALENDAR`
const invited = (name: string, line: string, type = 'text/calendar') =>
  shown(name, mail([`Content-Type: ${type}`], event(line)))
const choices: readonly Shape[] = [
  shown(
    'a text that asks for another program',
    multi('alternative', part('text/plain', notice), page),
  ),
  shown(
    'such a text in another language',
    multi('alternative', part('text/plain', 'Diese Nachricht ist in HTML.'), page),
  ),
  shown(
    'a text that mentions HTML and has the code',
    multi('alternative', part('text/plain', `HTML is off. ${text}`), page),
    `HTML is off. ${text}`,
  ),
  shown(
    'a text of a place for a picture',
    multi('alternative', part('text/plain; charset=utf-8', utf8('\u00a0\ufffc\n')), page),
  ),
  shown('a page for watches', multi('alternative', part('text/watch-html', '<b>1</b>'), page)),
  shown(
    'a page, a file, and a page',
    multi('mixed', part('text/html', '<p>Hi</p>'), page),
    `Hi\n\n${text}`,
  ),
  invited('an invitation with a quoted parameter', `DESCRIPTION;ALTREP="cid:a;b:c":${text}`),
  invited(
    'an invitation in HTML alone',
    'X-ALT-DESC;FMTTYPE=text/html:<p>Your code is <b>482918</b>.',
  ),
  invited('an invitation as a file', `SUMMARY:${text}`, 'application/ics'),
  invited('a folded summary', 'SUMMARY;LANGUAGE=en:Your code is 48\n 2918.'),
]

export const oddBodies: readonly Shape[] = [...base64s, ...files, ...armours, ...choices]

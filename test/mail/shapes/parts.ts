// Alternatives, mails in mails, reports, invitations, flowed and enriched text.
import { base64, mail, type Shape, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const page = `Content-Type: text/html\n\n<p>Your code is <b>482918</b>.</p>`
const plain = (body: string, type = 'text/plain') => `Content-Type: ${type}\n\n${body}`
const multi = (kind: string, ...parts: readonly string[]) =>
  mail([`Content-Type: multipart/${kind}; boundary=b`], `--b\n${parts.join('\n--b\n')}\n--b--`)
const within = (kind: string, border: string, ...parts: readonly string[]) =>
  [
    `Content-Type: multipart/${kind}; boundary=${border}\n`,
    ...parts.map((part) => `--${border}\n${part}`),
    `--${border}--`,
  ].join('\n')
const png = `Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n${base64('not shown')}`
const invitation =
  'BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Your code\n' +
  'DESCRIPTION:It is 482918\\, and\\nno\n  other.\nEND:VEVENT\nEND:VCALENDAR'
const invited = 'Your code\nIt is 482918, and\nno other.'
const date = 'Date: Fri, 20 Nov 2026 10:00:00 +0000'
const forwarded = `From: Bank <b@example.com>\nSubject: Code\n${date}\n\n${text}`
const shownForward = `From: Bank <b@example.com>\n${date}\nSubject: Code\n\n${text}`
const flowed = ['Content-Type: text/plain; format=flowed']
const joined = ['Content-Type: text/plain; format=flowed; delsp=yes']

export const alternatives: readonly Shape[] = [
  shape('plain text and a page', multi('alternative', plain(text), page), text),
  shape('a page and plain text', multi('alternative', page, plain(text)), text),
  shape('an empty plain text', multi('alternative', plain(''), page), text),
  shape('a plain text of blanks', multi('alternative', plain(' \n\u00a0\n'), page), text),
  shape(
    'a plain text of marks without a width',
    multi('alternative', plain(utf8('\u200b\u200c\ufeff')), page),
    text,
  ),
  shape(
    'a page that shows nothing',
    multi('alternative', plain(text), plain('<p>&nbsp;</p>', 'text/html')),
    text,
  ),
  shape(
    'nothing but a picture and a notice for old programs',
    mail(
      ['Content-Type: multipart/mixed; boundary=b'],
      `This is a multi-part message in MIME format.\n--b\n${png}\n--b--`,
    ),
    { text: 'This mail has no text. Attachments: image/png, 9 bytes.', isReadable: false },
  ),
  shape('a page alone', multi('alternative', page), text),
  shape(
    'a page with its pictures',
    multi('alternative', plain(''), within('related', 'r', page, png)),
    text,
  ),
  shape(
    'a page in a mixed part',
    multi('alternative', plain(''), within('mixed', 'm', page, png)),
    text,
  ),
  shape('pictures before the page', multi('related', png, page), text),
  shape(
    'alternatives in a mixed mail',
    multi('mixed', within('alternative', 'a', plain(text), page), png),
    text,
  ),
  shape(
    'alternatives and a footer',
    multi('mixed', within('alternative', 'a', plain(text), page), plain('Bye')),
    `${text}\n\nBye`,
  ),
  shape(
    'a page for mobiles besides',
    multi('alternative', plain(text), plain('<p>amp</p>', 'text/x-amp-html'), page),
    text,
  ),
  shape(
    'a page for mobiles alone',
    multi('alternative', plain(`<p>${text}</p>`, 'text/x-amp-html')),
    text,
  ),
  shape(
    'an invitation besides',
    multi('alternative', plain(text), page, plain(invitation, 'text/calendar')),
    text,
  ),
  shape('an invitation alone', multi('alternative', plain(invitation, 'text/calendar')), invited),
  shape('a picture as the only alternative', multi('alternative', plain(''), png), {
    text: 'This mail has no text. Attachments: image/png, 9 bytes.',
    isReadable: false,
  }),
  shape(
    'rich text besides',
    multi('alternative', plain(''), plain('<bold>Your code</bold> is 482918.', 'text/enriched')),
    text,
  ),
]

export const enclosed: readonly Shape[] = [
  shape('a forwarded mail', mail(['Content-Type: message/rfc822'], forwarded), shownForward),
  shape(
    'a forwarded mail with words before it',
    multi('mixed', plain('See below.'), `Content-Type: message/rfc822\n\n${forwarded}`),
    `See below.\n\n${shownForward}`,
  ),
  shape(
    'a forwarded mail marked as an attachment',
    multi('mixed', `Content-Type: message/rfc822\nContent-Disposition: attachment\n\n${forwarded}`),
    shownForward,
  ),
  shape(
    'an attached mail besides a text',
    multi(
      'mixed',
      plain('Hello'),
      `Content-Type: message/rfc822\nContent-Disposition: attachment\n\n${forwarded}`,
    ),
    'Hello',
  ),
  shape(
    'a forwarded mail in base64',
    mail(
      ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64'],
      base64(forwarded.replaceAll('\n', '\r\n')),
    ),
    shownForward,
  ),
  shape(
    'a forwarded page',
    mail(['Content-Type: message/rfc822'], `Subject: Code\n${page}`),
    `Subject: Code\n\n${text}`,
  ),
  shape(
    'a mail in a mail in a mail',
    mail(
      ['Content-Type: message/rfc822'],
      `Subject: One\nContent-Type: message/rfc822\n\nSubject: Two\n\n${text}`,
    ),
    `Subject: One\n\nSubject: Two\n\n${text}`,
  ),
  shape('a forwarded mail without a header', mail(['Content-Type: message/rfc822'], text), text),
  shape(
    'a forwarded mail whose text stands behind its last border',
    mail(
      ['Content-Type: message/rfc822'],
      `Content-Type: multipart/mixed; boundary=b\n\n--b--\n${text}`,
    ),
    text,
  ),
  shape(
    'a forwarded mail with a subject whose text stands before its only border',
    mail(
      ['Content-Type: message/rfc822'],
      `Subject: Code\nContent-Type: multipart/mixed; boundary=b\n\n${text}\n--b--`,
    ),
    `Subject: Code\n\n${text}`,
  ),
  shape(
    'a forwarded page of which everything is hidden',
    mail(
      ['Content-Type: message/rfc822'],
      `Subject: Code\nContent-Type: text/html\n\n<div style="display:none">${text}</div>`,
    ),
    `Subject: Code\n\n${text}`,
  ),
  shape(
    'text behind a forwarded mail that is empty',
    multi('mixed', 'Content-Type: message/rfc822\n\nSubject: Code\n') + text,
    `Subject: Code\n\n${text}`,
  ),
  shape(
    'a digest',
    multi('digest', `\nSubject: One\n\n${text}`, `\nSubject: Two\n\nBye`),
    `Subject: One\n\n${text}\n\nSubject: Two\n\nBye`,
  ),
  shape(
    'a report',
    multi(
      'report; report-type=delivery-status',
      plain('It could not be delivered.'),
      plain('Reporting-MTA: dns; example.com', 'message/delivery-status'),
      `Content-Type: message/rfc822\n\n${forwarded}`,
    ),
    'It could not be delivered.',
  ),
  shape(
    'a report without its text',
    multi('report', plain('Action: failed', 'message/delivery-status')),
    'Action: failed',
  ),
  shape(
    'an invitation',
    mail(['Content-Type: text/calendar; method=REQUEST'], invitation),
    invited,
  ),
  shape(
    'an invitation in quoted-printable',
    mail(
      ['Content-Type: text/calendar', 'Content-Transfer-Encoding: quoted-printable'],
      'BEGIN:VCALENDAR\nSUMMARY:K=C3=A4se 48=\n2918\nEND:VCALENDAR',
    ),
    'Käse 482918',
  ),
  shape(
    'an old invitation',
    mail(
      ['Content-Type: text/x-vcalendar'],
      'BEGIN:VCALENDAR\nVERSION:1.0\nDESCRIPTION;ENCODING=QUOTED-PRINTABLE:K=C3=A4se 482918\nEND:VCALENDAR',
    ),
    'Käse 482918',
  ),
]

export const flowing: readonly Shape[] = [
  shape('a line that goes on', mail(flowed, 'Your code \nis 482918.'), text),
  shape('a line that ends', mail(flowed, 'Your code is\n482918.'), 'Your code is\n482918.'),
  shape('a stuffed line', mail(flowed, ' From here:\n 482918'), 'From here:\n482918'),
  shape('a signature', mail(flowed, `${text}\n-- \nExample`), `${text}\n-- \nExample`),
  shape(
    'a quotation',
    mail(flowed, '> Your code \n> is 482918.\nSee above.'),
    '> Your code is 482918.\nSee above.',
  ),
  shape(
    'a quotation of a quotation',
    mail(flowed, '>> Your \n> code \nis 482918.'),
    '>> Your \n> code \nis 482918.',
  ),
  shape('a code across two lines', mail(joined, 'Your code is 48 \n2918.'), {
    text,
    code: '482918',
  }),
  shape('blanks that are kept', mail(joined, 'Your code  \nis 482918.'), text),
  shape(
    'flowed in capitals',
    mail(['Content-Type: text/plain; Format="Flowed"'], 'Your code \nis 482918.'),
    text,
  ),
  shape(
    'flowed in quoted-printable',
    mail([...flowed, 'Content-Transfer-Encoding: quoted-printable'], 'Your code=20\nis 482918.'),
    text,
  ),
  shape('not flowed', mail([], 'Your code \nis 482918.'), 'Your code \nis 482918.'),
  shape(
    'enriched text',
    mail(
      ['Content-Type: text/enriched'],
      '<bold>Your code</bold>\nis <color><param>red</param>482918</color>.\n\n<<b>',
    ),
    `${text}\n<b>`,
  ),
  shape(
    'rich text of old',
    mail(['Content-Type: text/richtext'], '<bold>Your code</bold>\nis 482918.<nl>1 <lt> 2'),
    `${text}\n1 < 2`,
  ),
  shape('markdown', mail(['Content-Type: text/markdown'], 'Your code is **482918**.'), {
    text: 'Your code is **482918**.',
    code: '482918',
  }),
]

// M1: content types that cannot be read as they are said.
import { base64, lines, mail, type Shape, sender, shape, showing } from './shape.ts'

const text = 'Your code is 482918.'
const html = '<p>Your code is <b>482918</b>.</p>'
const type = (value: string) => [`Content-Type: ${value}`]

const htmlNames = [
  ...['text;html', 'text; html; charset=utf-8', 'text,html', 'text.html', 'text-html', 'text html'],
  ...['text/x-html', 'text/xhtml', 'text/xhtml+xml', 'application/xhtml+xml', 'application/html'],
  ...[
    'application/vnd.wap.xhtml+xml',
    'htm',
    'xhtml',
    'HTML; charset=utf-8',
    'html/text',
    'x-html',
  ],
  ...['"text/html"', 'text\\html', 'text//html', '<text/html>', 'text/html5', 'text/html(page)'],
]
const pageOf = (body: string) => `<!DOCTYPE html>\n<html><body>${body}</body></html>`

export const contentTypes: readonly Shape[] = [
  ...showing(text, text, {
    'a multipart that has no parts': type('multipart/mixed; boundary="zzz"'),
    'a multipart without a border': type('multipart/mixed'),
    'a multipart with an empty border': type('multipart/mixed; boundary=""'),
    'an alternative that has no parts': type('multipart/alternative; boundary=abc'),
    'text and nothing else': type('text'),
    'text and a slash': type('text/'),
    'plain and nothing else': type('plain'),
    'an empty type': type(''),
    'a type of nonsense': type('%%%'),
    'a type that is only a parameter': type('charset=utf-8'),
    'a type that is only a charset': type('utf-8'),
    'text/text': type('text/text'),
    'text/unknown': type('text/unknown'),
    'text/markdown': type('text/markdown; charset=utf-8'),
    'text/x-something': type('text/x-web-markdown'),
    'no semicolon': type('text/plain charset=utf-8'),
    'a colon for the semicolon': type('text/plain: charset=utf-8'),
    'commas for semicolons': type('text/plain, charset=utf-8, format=fixed'),
    'a semicolon and nothing': type('text/plain;'),
    'many semicolons': type('text/plain;;; ; charset=us-ascii;;'),
    'blanks around the slash': type('text / plain; charset=utf-8'),
    'capital letters': type('TEXT/PLAIN; CHARSET=UTF-8'),
    'a comment': type('text/plain (all is well); charset=(this)utf-8'),
    'a comment that is never closed': type('text/plain; charset=utf-8 (oops'),
    'a quote that is never closed': type('text/plain; charset="utf-8'),
    'single quotes': type("text/plain; charset='utf-8'"),
    'a charset without a value': type('text/plain; charset='),
    'a charset by colon': type('text/plain; charset: utf-8'),
    'the type in quotes': type('"text/plain"; charset=utf-8'),
    'two of the same': [...type('text/plain'), ...type('text/plain; charset=utf-8')],
    'two, one of them empty': [...type(''), ...type('text/plain')],
    'two, one of them a multipart without parts': [
      ...type('multipart/mixed; boundary=x'),
      ...type('text/plain'),
    ],
    'application/octet-stream with a text': type('application/octet-stream'),
    'application/text': type('application/text; name=code'),
    'message/something': type('message/http-response'),
    'marked as an attachment': [
      ...type('text/plain; name=code.txt'),
      'Content-Disposition: attachment; filename=code.txt',
    ],
    'marked as an attachment, without a type': ['Content-Disposition: attachment'],
    'a disposition of nonsense': ['Content-Disposition: ???'],
    'no type at all': [],
  }),
  ...showing(text, html, {
    'html and nothing else': type('html'),
    'text/htm': type('text/htm'),
    'html with a colon': type('text/html: charset=utf-8'),
    'html without a semicolon': type('text/html charset=utf-8'),
    ...Object.fromEntries(htmlNames.map((name) => [`html as ${name}`, type(name)])),
    'html marked as an attachment': [...type('text/html'), 'Content-Disposition: attachment'],
    'plain and html, and the body is html': [...type('text/plain'), ...type('text/html')],
    'html and plain, and the body is html': [...type('text/html'), ...type('text/plain')],
    'html in a multipart without parts': [
      ...type('text/html'),
      ...type('multipart/mixed; boundary=q'),
    ],
  }),
  shape('no type, and a body of html', mail([], `<html><body>${html}</body></html>`), text),
  shape(
    'a broken type, and a body of html',
    mail(type('??'), `<!DOCTYPE html><body>${html}`),
    text,
  ),
  ...showing(text, pageOf(html), {
    'a page as octet-stream': type('application/octet-stream; name=code.html'),
    'a page as text/unknown': type('text/unknown'),
    'a page as text': type('text'),
    'a page as xml': type('application/xml'),
  }),
  ...[
    '<?xml version="1.0"?>\n<!-- sent by us -->\n<html><p>',
    '<center>',
    '<meta charset="utf-8"><p>',
    '<h2>',
  ].map((begin) => shape(`no type, and ${begin}`, mail([], `${begin}${text}</p>`), text)),
  shape('no type, and some tags', mail([], 'Hello,<br>Your code is <b>482918</b>.'), {
    text: `Hello,\n${text}`,
    code: '482918',
  }),
  shape('plain text about HTML', mail([], `${text} <p> begins a paragraph, <br> a line.`), {
    text: `${text} <p> begins a paragraph, <br> a line.`,
  }),
  shape('HTML that is said to be plain', mail(type('text/plain'), html), html),
  shape('plain text as text;plain', mail(type('text;plain'), text), text),
  shape(
    'a type folded in the midst',
    mail(['Content-Type:', '\ttext/html;', '   charset="utf-8"'], html),
    text,
  ),
  shape(
    'a type folded without a blank',
    lines(
      sender,
      'Subject: Hi',
      'Content-Type: text/html;',
      'charset="utf-8"',
      'X-Mailer: x',
      '',
      html,
    ),
    text,
  ),
  shape('a text without end of line', `${sender}\r\nSubject: Hi\r\n\r\n${text}`, {
    text,
    code: '482918',
  }),
  shape(
    'base64 of a text as octet-stream',
    mail([...type('application/octet-stream'), 'Content-Transfer-Encoding: base64'], base64(text)),
    text,
  ),
  ...['text/calendar', 'text/x-vcalendar', 'text/calendar; method=REQUEST'].map((value) =>
    shape(`a text as ${value}`, mail(type(value), text), text),
  ),
]

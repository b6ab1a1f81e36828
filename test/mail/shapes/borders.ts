// M1: multiparts whose borders are missing, wrong or not where they belong.
import { base64, lines, mail, type Shape, sender, shape } from './shape.ts'

const text = 'Your code is 482918.'
const type = (border: string, kind = 'mixed') => [
  `Content-Type: multipart/${kind}; boundary=${border}`,
]
const part = (body: string, kind = 'text/plain') => `Content-Type: ${kind}\n\n${body}\n`
const pdf = `${part(base64('%PDF-1.4 no text here'), 'application/pdf\nContent-Transfer-Encoding: base64')}`

export const borders: readonly Shape[] = [
  shape('as it should be', mail(type('b'), `preamble\n--b\n${part(text)}--b--\nepilogue`), text),
  shape('no last border', mail(type('b'), `--b\n${part(text)}`), text),
  shape('only a last border', mail(type('b'), `--b\n${part(text)}--b--`), text),
  shape('a border that ends the mail', mail(type('b'), `--b\n${part(text)}--b`), text),
  shape('borders that all look like the last', mail(type('b'), `--b--\n${part(text)}--b--`), {
    text: `Content-Type: text/plain\n\n${text}`,
  }),
  shape('blanks behind borders', mail(type('b'), `--b  \t\n${part(text)}--b--  `), text),
  shape(
    'no blank line before the first border',
    lines(sender, 'Subject: Hi', ...type('b'), `--b\n${part(text)}--b--`),
    text,
  ),
  shape('no blank line in a part', mail(type('b'), `--b\n${text}\n--b--`), text),
  shape(
    'no blank line between a part’s header and body',
    mail(type('b'), `--b\nContent-Type: text/plain\n${text}\n--b--`),
    text,
  ),
  shape(
    'a part’s text that looks like a field',
    mail(type('b'), '--b\nCode: 482918\n--b--'),
    'Code: 482918',
  ),
  shape(
    'such a text behind a header',
    mail(type('b'), '--b\nContent-Type: text/plain\nCode: 482918\n--b--'),
    'Code: 482918',
  ),
  shape('a part without a header', mail(type('b'), `--b\n\n${text}\n--b--`), text),
  shape('two blank lines before a part’s header', mail(type('b'), `--b\n\n\n${text}\n--b--`), text),
  shape('another border than announced', mail(type('abc'), `--xyz\n${part(text)}--xyz--`), text),
  shape('a border in other letters', mail(type('ABC'), `--abc\n${part(text)}--abc--`), text),
  shape(
    'no border announced',
    mail(['Content-Type: multipart/mixed'], `--b\n${part(text)}--b--`),
    text,
  ),
  shape('an empty border announced', mail(type('""'), `--b1\n${part(text)}--b1--`), text),
  shape('no type announced', mail([], `--b1\n${part(text)}--b1--`), text),
  shape(
    'a border found by its end',
    mail(['Content-Type: multipart/mixed'], `--b1\n\n${text}\n--b1--`),
    text,
  ),
  shape('dashes in the border announced', mail(type('--b'), `--b\n${part(text)}--b--`), text),
  shape(
    'an unquoted border with a slash and an equals sign',
    mail(type('=_a/b=c'), `--=_a/b=c\n${part(text)}--=_a/b=c--`),
    text,
  ),
  shape(
    'a border with a colon',
    mail(type('"=_Part:1"'), `--=_Part:1\n${part(text)}--=_Part:1--`),
    text,
  ),
  shape('a border with blanks', mail(type('"a b c"'), `--a b c\n${part(text)}--a b c--`), text),
  shape(
    'a border with a blank at its end',
    mail(type('"abc "'), `--abc\n${part(text)}--abc--`),
    text,
  ),
  shape(
    'an unquoted border with blanks',
    mail(type('a b c'), `--a b c\n${part(text)}--a b c--`),
    text,
  ),
  shape(
    'a border split into segments',
    mail(
      ['Content-Type: multipart/mixed; boundary*0="ab"; boundary*1=cd'],
      `--abcd\n${part(text)}--abcd--`,
    ),
    text,
  ),
  shape(
    'a border of letters and digits only by RFC 2231',
    mail(
      ["Content-Type: multipart/mixed; boundary*=us-ascii''ab%2Dcd"],
      `--ab-cd\n${part(text)}--ab-cd--`,
    ),
    text,
  ),
  shape(
    'a border that begins another',
    mail(
      type('b'),
      `--b\nContent-Type: multipart/alternative; boundary=b2\n\n--b2\n${part(text)}--b2--\n--b--`,
    ),
    text,
  ),
  shape(
    'an inner multipart that never ends',
    mail(
      type('out'),
      `--out\nContent-Type: multipart/alternative; boundary=in\n\n--in\n${part(text)}--out\n${pdf}--out--`,
    ),
    text,
  ),
  shape(
    'the same border within and without',
    mail(
      type('b'),
      `--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n${part(text)}--b--\n--b--`,
    ),
    text,
  ),
  shape('a text in the preamble alone', mail(type('b'), `${text}\n--b--`), text),
  shape(
    'empty parts around the text',
    mail(type('b'), `--b\n\n--b\n${part(text)}--b\n\n\n--b--`),
    text,
  ),
  shape('a part with an unknown type', mail(type('b'), `--b\n${part(text, 'strange')}--b--`), text),
  shape('an unknown multipart', mail(type('b', 'x-strange'), `--b\n${part(text)}--b--`), text),
  shape(
    'multipart and nothing else',
    mail(['Content-Type: multipart; boundary=b'], `--b\n${part(text)}--b--`),
    text,
  ),
  shape(
    'two types, of which the second has the border',
    mail([...type('a'), ...type('b')], `--b\n${part(text)}--b--`),
    text,
  ),
  shape(
    'a plain type before the multipart’s',
    mail(['Content-Type: text/plain', ...type('b')], `--b\n${part(text)}--b--`),
    text,
  ),
  shape(
    'a multipart in base64',
    mail(
      [...type('b'), 'Content-Transfer-Encoding: base64'],
      base64(`--b\r\nContent-Type: text/plain\r\n\r\n${text}\r\n--b--\r\n`),
    ),
    text,
  ),
  shape(
    'a multipart said to be quoted-printable that is not',
    mail([...type('b'), 'Content-Transfer-Encoding: quoted-printable'], `--b\n${part(text)}--b--`),
    text,
  ),
  shape(
    'line feeds alone',
    mail(type('b'), `--b\n${part(text)}--b--`).replaceAll('\r\n', '\n'),
    text,
  ),
  shape(
    'carriage returns alone',
    mail(type('b'), `--b\n${part(text)}--b--`).replaceAll('\r\n', '\r'),
    text,
  ),
  shape(
    'a dashed line in a plain text',
    mail([], `${text}\n-- \nExample\n--------\nbye`),
    `${text}\n-- \nExample\n--------\nbye`,
  ),
]

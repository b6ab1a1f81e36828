// M5: codes whose digits stand one by one, in cells, divs and spans.
import { mail, type Shape, shape } from './shape.ts'

const digits = [...'735092']
const boxes = (box: (digit: string, i: number) => string) => digits.map(box).join('')
const row = (cells: string) => `<table><tr>${cells}</tr></table>`
const blanks = ['&nbsp;', '', ' &nbsp; ', '&nbsp;&nbsp;', '\n', '']
const unseen = ['&#8203;', '&zwnj; ', '&nbsp;', '&#65279;&nbsp;', '  ', '&#847;']

const layouts: Readonly<Record<string, string>> = {
  cells: row(boxes((digit) => `<td>${digit}</td>`)),
  'cells with uneven padding': row(
    boxes((digit, i) => `<td style="padding:0 ${i * 3}px">${blanks[i]}${digit}</td>`),
  ),
  'cells with cells of blanks between': row(boxes((digit) => `<td>${digit}</td><td>&nbsp;</td>`)),
  'cells with a table in each': row(
    boxes((digit) => `<td><table><tr><td>${digit}</td></tr></table></td>`),
  ),
  'cells with a paragraph in each': row(boxes((digit) => `<td><p>&nbsp;${digit}&nbsp;</p></td>`)),
  rows: `<table>${boxes((digit) => `<tr><td>${digit}</td></tr>`)}</table>`,
  divs: boxes((digit) => `<div>${digit}</div>`),
  'divs with blanks': boxes((digit, i) => `<div>${blanks[i]}${digit}${blanks[5 - i]}</div>\n`),
  'divs and spans by turns': boxes((digit, i) =>
    i % 2 === 0 ? `<div>${digit}</div>` : `<span>${digit}</span>`,
  ),
  'list items': `<ul>${boxes((digit) => `<li>${digit}</li>`)}</ul>`,
  'line breaks': digits.join('<br>'),
  'preformatted lines': `<pre>${digits.join('\n\n   ')}</pre>`,
  'spans with uneven blanks': boxes((digit, i) => `<span>${digit}</span>${blanks[i]}`),
  'spans with marks without a width': boxes((digit, i) => `<span>${digit}</span>${unseen[i]}`),
  'boxes of which some have room': boxes(
    (digit, i) => `<i style="display:inline-block${i % 2 ? ';padding:4px' : ''}">${digit}</i>`,
  ),
  'blanks of Braille': digits.join('&#10240;'),
  'blanks of Hangul': boxes((digit) => `<b>&#12644;${digit}</b>`),
}

const page = (name: string, html: string, text: string, code?: string | null) =>
  shape(name, mail(['Content-Type: text/html; charset=utf-8'], html), {
    text,
    ...(code === undefined ? {} : { code }),
  })

const spaced = '7 3 5 0 9 2'

export const digitBoxes: readonly Shape[] = [
  ...Object.entries(layouts).flatMap(([name, html]) => [
    page(name, `<p>Your code is</p>${html}<p>Bye</p>`, `Your code is\n${spaced}\nBye`, '735092'),
    page(
      `${name}, and another number`,
      `<p>Enter the code</p>${html}<div>15</div><div>minutes left</div>`,
      `Enter the code\n${spaced}\n15\nminutes left`,
      '735092',
    ),
  ]),
  page(
    'inline spans after words',
    `Your code is ${layouts['spans with uneven blanks']}.`,
    `Your code is ${spaced}.`,
    '735092',
  ),
  page(
    'letters and digits',
    `<p>Your code is</p>${[...'A7B2C9'].map((unit) => `<div>${unit}</div>`).join('')}`,
    'Your code is\nA 7 B 2 C 9',
    'A7B2C9',
  ),
  page(
    'spans that touch each other',
    `Your code is ${boxes((digit) => `<span>${digit}</span>`)}`,
    'Your code is 735092',
    '735092',
  ),
  page('three numbers', '<p>1</p><p>2</p><p>3</p>', '1\n2\n3'),
  page(
    'two codes',
    row(boxes((digit) => `<td>${digit}</td>`)).repeat(2),
    '7 3 5 0 9 2\n7 3 5 0 9 2',
  ),
  page('letters alone', '<p>H</p><p>E</p><p>L</p><p>L</p><p>O</p>', 'H\nE\nL\nL\nO'),
  page('a long list of digits', '<p>1</p>'.repeat(11), `1${'\n1'.repeat(10)}`),
]

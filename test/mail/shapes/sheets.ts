// M5: style sheets with selectors of several elements, and for some screens only.
import { mail, type Shape, shape } from './shape.ts'

const plain = 'Your code is 735092'
const page = (name: string, css: string, body: string, text = plain) =>
  shape(name, mail(['Content-Type: text/html'], `<style>${css}</style>${body}`), {
    text,
    code: '735092',
  })
const coded = `<p class="code">${plain}</p>`
const decoyed = `<p class="decoy">Call 111222</p>${coded}`
const hide = '{display:none}'
const both = `Call 111222\n${plain}`
const nested = (inside: string) =>
  `<div class="a"><table id="t"><tr><td>${inside}</td></tr></table></div>`
const decoy = nested('<b class="decoy">Call 111222</b>') + coded

const hiding = {
  'a class in a class': '.a .decoy',
  'a class in an element': 'table .decoy',
  'an element in an id': '#t b',
  'an element in an element in a class': '.a td b.decoy',
  'a child': 'td > .decoy',
  'a child without blanks': '.a table td>b',
  'two classes of one element': 'i.x, .a #t .decoy',
} as const
const showing = {
  'another class': '.b .decoy',
  'a child that is deeper': '.a > .decoy',
  'the other order': '.decoy .a',
  'a class that it lacks': '.decoy.on',
  'a sibling': 'u + .a .decoy',
  'a selector by attribute': '[class~=decoy]',
  'a selector of a state': '.decoy:hover',
  everything: '*',
} as const

const applied = [
  ...['screen', 'all', 'only screen', 'print, screen', 'SCREEN', 'not print'],
  ...[
    '(min-width:600px)',
    'only screen and (min-width: 480px)',
    'screen and (min-device-width:40em)',
  ],
  '(width >= 600px)',
]
const skipped = [
  ...['print', 'only print', '(max-width:600px)', 'only screen and (max-width: 480px)'],
  ...['screen and (max-device-width:40em)', 'screen and (min-width:320px) and (max-width:600px)'],
  ...[
    '(min-width:1500px)',
    '(prefers-color-scheme:dark)',
    'not screen',
    'yahoo',
    'speech',
    '(width < 600px)',
  ],
]

export const sheets: readonly Shape[] = [
  ...Object.entries(hiding).map(([name, selector]) =>
    page(`hidden by ${name}`, `${selector}${hide}`, decoy),
  ),
  ...Object.entries(showing).map(([name, selector]) =>
    page(`not hidden by ${name}`, `${selector}${hide}`, decoy, both),
  ),
  ...applied.flatMap((query) => [
    page(`hidden on ${query}`, `@media ${query}{.x{color:red}.decoy${hide}}`, decoyed),
    page(
      `shown on ${query}`,
      `.code${hide}.decoy${hide}@media ${query}{ .code { display: block } }`,
      decoyed,
    ),
  ]),
  ...skipped.flatMap((query) => [
    page(`not hidden on ${query}`, `@media ${query}{.code${hide}}.decoy${hide}`, decoyed),
    page(`not shown on ${query}`, `.decoy${hide}@media ${query}{.decoy{display:block}}`, decoyed),
  ]),
  page(
    'a code for narrow screens and one for wide ones',
    `.narrow${hide}@media (max-width:600px){.narrow{display:block}.wide${hide}}`,
    `<p class="wide">${plain}</p><p class="narrow">${plain}</p>`,
  ),
  page(
    'an important rule outdoes a style',
    `.decoy{display:none !important}`,
    `<p class="decoy" style="display:block">Call 111222</p>${coded}`,
  ),
  page(
    'an important rule for screens shows what a style hides',
    '@media screen and (min-width:600px){.code{display:block!important}}',
    `<p class="code" style="display:none">${plain}</p>`,
  ),
  page(
    'an important style outdoes an important rule',
    '.code{display:none!important}',
    `<p class="code" style="display:block!important">${plain}</p>`,
  ),
  page(
    'an important rule outdoes a more special one',
    '.decoy{display:none!important} .a .decoy{display:block}',
    decoy,
  ),
  page('a rule after a skipped one', `@media print{.a{color:red}}.decoy${hide}`, decoyed),
  page('media within media', `@media screen{@media print{.code${hide}}.decoy${hide}}`, decoyed),
  page('media that is never closed', `.decoy${hide}@media print{.code${hide}`, decoyed),
  page('a rule after an import', `@import url(a.css);.decoy${hide}`, decoyed),
  page(
    'other blocks',
    `@font-face{font-family:x}@supports (x:y){.code${hide}}.decoy${hide}`,
    decoyed,
  ),
  page('the more special rule', `.a .decoy${hide}.decoy{display:block}`, decoy),
  page('the later rule of two alike', `.decoy{display:block}.decoy${hide}`, decoyed),
  page(
    'blocks by their place',
    '.box span{display:block}',
    `<div class="box">Your code is<span>735092</span>Bye</div>`,
    'Your code is\n735092\nBye',
  ),
  page(
    'cells by their place',
    '.box > i{display:inline-block;padding:2px}',
    `<div class="box">Code<i>735092</i>Bye</div>`,
    'Code 735092 Bye',
  ),
]

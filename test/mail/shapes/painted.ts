// M5: HTML of which a browser shows something else than its source says.
import { mail, type Shape, shape, utf8 } from './shape.ts'

const plain = 'Your code is 482918'
const code = (name: string, html: string, text = plain) =>
  shape(name, mail(['Content-Type: text/html; charset=utf-8'], utf8(html)), {
    text,
    code: '482918',
  })
const hidden = (name: string, attributes: string, head = '') =>
  code(name, `${head}<p ${attributes}>Call 111222</p><p>${plain}</p>`)
const unlike = (name: string, style: string) =>
  code(name, `<p style="${style}">Hello</p><p>${plain}</p>`, `Hello\n${plain}`)
const digits = (open: string, close: string) =>
  `<p>Your code is</p>${[...'482918'].map((digit) => `${open}${digit}${close}`).join('')}`
const written = (rule: string) =>
  code(`written by ${rule}`, `<style>${rule}</style><p>Your code is <span class="c x"></span></p>`)

export const painted: readonly Shape[] = [
  hidden('a style with an entity', 'style="display&#58;none"'),
  hidden('a style with a comment', 'style="display:/**/none"'),
  hidden('a style with an escape', 'style="display:n\\6f ne"'),
  hidden('two styles, of which the first counts', 'style="display:none" style="display:block"'),
  hidden('attributes without blanks between them', `style='display:none'class="x"`),
  hidden('hidden until it is found', 'hidden="until-found"'),
  ...[
    'color:transparent',
    'color: rgba(0, 0, 0, 0)',
    'color:rgb(0 0 0 / 0%)',
    'color:#ffffff00',
    'transform:scale(0)',
    'position:absolute;clip-path:inset(50%)',
    'clip-path:circle(0)',
  ].map((style) => hidden(`hidden by ${style}`, `style="${style}"`)),
  ...[
    'color:rgb(0, 0, 0)',
    'color:rgba(0,0,0,0.5)',
    'color:transparent;background-clip:text',
    'color:transparent;text-shadow:0 0 0 #000',
    'transform:scale(0.5)',
    'clip-path:inset(0)',
    'font-size:0.5px',
  ].map((style) => unlike(`seen by ${style}`, style)),
  code(
    'a colour within what has none',
    `<div style="color:transparent">Call 111222<p style="color:#000">${plain}</p></div>`,
  ),
  hidden(
    'a hidden class outdoes its own style',
    'class=h style="display:block"',
    '<style>.h{display:none !important}</style>',
  ),
  hidden(
    'words for screen readers',
    'class="sr-only"',
    '<style>.sr-only{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}</style>',
  ),
  ...[
    '.c::before{content:"482918"}',
    ".c:after{content:'482918'}",
    'span.x::BEFORE { color: red; content: "482918" !important }',
    '.c::before{content:"482"}.c::after{content:"918"}',
  ].map(written),
  code('a style sheet that writes nothing', `<style>p:before{content:""}</style><p>${plain}</p>`),
  code(
    'what is written into a hidden element',
    `<style>.h{display:none}.h::before{content:"111222"}</style><p class=h></p><p>${plain}</p>`,
  ),
  code(
    'a text in a drawing',
    `<p>Your code is</p><svg><title>1</title><text>482918</text></svg>`,
    'Your code is\n482918',
  ),
  code('digits in a drawing', digits('<svg><text>', '</text></svg>'), 'Your code is\n4 8 2 9 1 8'),
  code('digits as words of images', digits('<img src=x alt="', '">'), 'Your code is\n4 8 2 9 1 8'),
  code(
    'digits in tables of their own',
    `<p>Your code is</p><table><tr>${digits('<td><table><tr><td>', '</table></td>').slice(19)}</table>`,
    'Your code is\n4 8 2 9 1 8',
  ),
  shape(
    'capitals by style',
    mail(
      ['Content-Type: text/html'],
      '<p>Your code is <b style="text-transform:uppercase">ab12cd</b></p>',
    ),
    { text: 'Your code is AB12CD', code: 'AB12CD' },
  ),
  shape(
    'small letters by a class',
    mail(
      ['Content-Type: text/html'],
      '<style>.l{text-transform:lowercase}</style><p class=l>CODE <i style="text-transform:none">AB</i>',
    ),
    'code AB',
  ),
  code('an override of direction', '<p>Your code is &#8238;819284&#8236;</p>'),
  code('an override across elements', '<p>Your code is &#8238;81<b>92</b>84</p>'),
  shape(
    'an override in a plain text',
    mail(
      ['Content-Type: text/plain; charset=utf-8'],
      utf8('Your code is \u202e819284\u202c.\nBye'),
    ),
    { text: 'Your code is 482918.\nBye', code: '482918' },
  ),
  code('a place for a break after each digit', `<p>Your code is ${[...'482918'].join('<wbr>')}`),
  code(
    'blanks without a width after each digit',
    `<p>Your code is ${[...'482918'].join('&#8203;')}`,
  ),
  code('a joiner of words', '<p>Your code is 482&#8288;918'),
  code('blanks of other widths', '<p>Your&#8199;code&#8239;is&#8195;482918'),
  code('names of digits without an end', '<p>Your code is &#52&#56&#50&#57&#49&#56'),
  code('hexadecimal names of digits', '<p>Your code is &#x34;&#X38;&#x000032;918'),
  code('a text in CDATA', '<p><![CDATA[Your code is 482918]]></p>'),
  code(
    'a greeting, and a text in CDATA',
    `<p>Hello</p><p><![CDATA[${plain}]]></p>`,
    `Hello\n${plain}`,
  ),
  code('markup in CDATA', '<p>Your code is <![CDATA[<b>482918</b>]]></p>'),
  code(
    'brackets in CDATA',
    '<p><![CDATA[1 < 2 > 0. Your code is 482918]]></p>',
    `1 < 2 > 0. ${plain}`,
  ),
  code('CDATA without an end', '<p><![CDATA[Your code is 482918'),
  code('CDATA in small letters', '<p><![cdata[Your code is 482918]]></p>'),
  code('two sections of CDATA', '<p><![CDATA[Your code]]> is <![CDATA[482918]]></p>'),
  code(
    'styles in CDATA',
    `<style><![CDATA[p.h{display:none}]]></style><p class=h>111222</p>${plain}`,
  ),
  code('CDATA in a comment', `<!-- <![CDATA[Call 111222]]> --><p>${plain}</p>`),
  code('the end of CDATA in a text', '<p>a[b[0]]>1. Your code is 482918', `a[b[0]]>1. ${plain}`),
  shape(
    'CDATA in XHTML',
    mail(['Content-Type: application/xhtml+xml'], `<html><body><![CDATA[${plain}]]></body></html>`),
    { text: plain, code: '482918' },
  ),
  code('a comment that ends oddly', `<!-- Call 111222 --!><p>${plain}</p>`),
  code('no line breaks by style', '<span style="white-space:nowrap">Your code is\n482918</span>'),
  code('line breaks that are undone', '<pre style="white-space:normal">Your code is\n482918</pre>'),
  code(
    'a field without quotes',
    '<p>Your code is</p><input type=text value=482918 disabled>',
    'Your code is\n482918',
  ),
]

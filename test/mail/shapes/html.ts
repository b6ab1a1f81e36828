// M5: HTML whose layout is by style, and what a browser shows of it.
import { mail, type Shape, shape } from './shape.ts'

const code = (name: string, html: string, text: string) =>
  shape(name, mail(['Content-Type: text/html; charset=utf-8'], html), { text, code: '735092' })
const page = (name: string, html: string, text: string) =>
  shape(name, mail(['Content-Type: text/html; charset=utf-8'], html), text)

const styled = (style: string, inside = '735092') =>
  `Enter this code:<span style="${style}">${inside}</span>Do not share it.`
const marked = (attribute: string) =>
  `Enter this code:<span ${attribute}>735092</span>Do not share it.`
const digits = (tag: string) => [...'735092'].map((digit) => `<${tag}>${digit}</${tag}>`).join('')
const onLines = 'Enter this code:\n735092\nDo not share it.'
const onLine = 'Enter this code: 735092 Do not share it.'
const each = (open: string, close: string) =>
  `Your code is ${[...'735092'].map((digit) => `${open}${digit}${close}`).join('')}`
const spaced = 'Your code is 7 3 5 0 9 2'
const plain = 'Your code is 735092'
const hidden = (style: string) => `<div style="${style}">Call 111222</div><p>${plain}</p>`

export const html: readonly Shape[] = [
  ...['block', 'flex', 'grid', 'table', 'list-item', 'flow-root', 'table-row', '-webkit-box'].map(
    (display) => code(`display: ${display}`, styled(`display:${display}`), onLines),
  ),
  code('display: block in capitals and important', styled('DISPLAY : BLOCK !important'), onLines),
  code(
    'display: inline-block with padding',
    styled('display:inline-block;padding:8px 16px'),
    onLine,
  ),
  ...['inline-block', 'inline-flex', 'inline-table'].map((display) =>
    code(
      `display: ${display}`,
      `Enter this code<span style="display:${display}">735092</span>Do not share it.`,
      'Enter this code 735092 Do not share it.',
    ),
  ),
  ...['display:table-cell', 'float:left', 'position:absolute;left:9px'].map((style) =>
    code(style, styled(style), onLine),
  ),
  code(
    'a style sheet’s class',
    `<style>.code, p.x { display: block }</style>${marked('class="big code"')}`,
    onLines,
  ),
  code(
    'a style sheet’s id and tag',
    `<style>#c{display:block}i{display:none}</style>${marked('id=c')}<i>999111</i>`,
    onLines,
  ),
  code(
    'a style sheet’s hidden class',
    `<style>@media print{.a{display:none}}.h{display:none}</style><p class=h>111222</p><p class=a>${plain}`,
    plain,
  ),
  code(
    'a style that outdoes the sheet',
    `<style>.h{display:none}</style><p class=h style="display:block">${plain}</p>`,
    plain,
  ),
  code(
    'children of a row',
    `<div style="display:flex">${'<span>Code</span><span>735092</span><span>Bye</span>'}</div>`,
    'Code 735092 Bye',
  ),
  code(
    'children of a column',
    `<div style="display:flex;flex-direction:column"><div>Your code</div><div>735092</div></div>`,
    'Your code\n735092',
  ),
  code('a line break', 'Your code is<br>735092<br/>Bye', 'Your code is\n735092\nBye'),
  code('a closing line break', 'Your code is</br>735092', 'Your code is\n735092'),
  code('a place for a break', 'Your code is 735<wbr>092', plain),
  code('a soft hyphen', 'Your code is 735&shy;092', plain),
  code('blanks that do not break', 'Your&nbsp;code&nbsp;is&#160;735092', plain),
  code('bold digits', 'Your code is <b>73</b>5092', plain),
  code('each digit in an inline tag', each('<span>', '</span>'), plain),
  code(
    'each digit in a box',
    each('<span style="display:inline-block;padding:4px">', '</span>'),
    spaced,
  ),
  code(
    'each digit in a box without room',
    each('<span style="display:inline-block">', '</span>'),
    plain,
  ),
  code(
    'each digit in a cell',
    `<p>Your code is</p><table><tr>${digits('td')}</tr></table>`,
    'Your code is\n7 3 5 0 9 2',
  ),
  code(
    'each digit in a row’s child',
    `<p>Your code is</p><div style="display:flex">${digits('div')}</div>`,
    'Your code is\n7 3 5 0 9 2',
  ),
  code(
    'cells',
    '<table><tr><td>Your code</td><td>735092</td></tr><tr><td>Valid</td><td>soon</td></tr></table>',
    'Your code 735092\nValid soon',
  ),
  code(
    'cells that are never closed',
    '<table><tr><td>Your code<td>735092<tr><td>Bye</table>',
    'Your code 735092\nBye',
  ),
  code(
    'a link beside letters',
    'Your code is <a href="https://example.com/">735092</a>Do not share it.',
    'Your code is 735092 Do not share it.',
  ),
  code('a link within a number', 'Your code is 735<a href="tel:092">092</a>', plain),
  page('a link within a word', 'inter<a href="https://example.com/">nation</a>al', 'international'),
  code('list items', '<ul><li>Your code<li>735092</ul>', 'Your code\n735092'),
  code('definitions', '<dl><dt>Your code<dd>735092</dl>', 'Your code\n735092'),
  code('a heading', 'Your code is<h1>735092</h1>Bye', 'Your code is\n735092\nBye'),
  code('a button', 'Your code is<button>735092</button>Copy', 'Your code is 735092 Copy'),
  code(
    'the words for an image',
    'Your code is <img src="https://example.com/a.png" alt="735092">',
    plain,
  ),
  code('a field that is filled', 'Your code is <input type="text" value="735092" readonly>', plain),
  code(
    'a filled field between words',
    'Enter this code:<input value="735092">Do not share it.',
    'Enter this code:735092 Do not share it.',
  ),
  code(
    'a text that runs across',
    'Enter this code:<marquee>735092</marquee>Do not share it.',
    'Enter this code:735092 Do not share it.',
  ),
  code(
    'divs side by side',
    '<div style="display:inline">Your code is 735</div><div style="display:inline">092</div>',
    plain,
  ),
  ...[
    'display:none',
    'DISPLAY: NONE !important',
    'visibility:hidden',
    'font-size:0',
    'font-size:0px;line-height:0',
    'opacity:0',
    'opacity: 0.0',
    'mso-hide:all',
    'max-height:0;overflow:hidden',
    'height:0;width:0;overflow:hidden',
    'position:absolute;left:-9999px',
    'text-indent:-9999px',
    'font:0/0 a',
  ].map((style) => code(`hidden by ${style}`, hidden(style), plain)),
  code('hidden by its attribute', `<div hidden>Call 111222</div><p>${plain}</p>`, plain),
  code(
    'hidden with elements within',
    `<div style="display:none"><div>a</div><div>Call 111222</div></div><p>${plain}</p>`,
    plain,
  ),
  code('aria-hidden is seen', `<p aria-hidden="true">${plain}</p>`, plain),
  code(
    'a size within no size',
    `<div style="font-size:0px"><p style="font-size:16px">${plain}</p></div>`,
    plain,
  ),
  code(
    'visible within invisible',
    `<div style="visibility:hidden">Call 111222<p style="visibility:visible">${plain}</p></div>`,
    plain,
  ),
  code('opacity of a tenth', `<p style="opacity:0.1">${plain}</p>`, plain),
  code('a low line', `<p style="line-height:0">${plain}</p>`, plain),
  code('a low box that lets its text out', `<p style="max-height:0">${plain}</p>`, plain),
  code('preformatted', '<pre>Your code is\n  735092</pre>', 'Your code is\n  735092'),
  code(
    'preformatted by style',
    '<p style="white-space:pre-line">Your code is\n735092</p>',
    'Your code is\n735092',
  ),
  code('line breaks in the source', '<p>Your\n   code\r\n is\t735092</p>', plain),
  code('letters in reverse', 'Your code is <bdo dir="rtl">290537</bdo>', plain),
  code(
    'letters in reverse within letters in reverse',
    '<bdo dir="rtl"><bdo dir="rtl">290537</bdo> si edoc ruoY</bdo>',
    plain,
  ),
  code(
    'letters in reverse by style',
    'Your code is <span style="direction:rtl;unicode-bidi:bidi-override">290537</span>',
    plain,
  ),
  code('marks of direction', 'Your code is &rlm;735092&lrm;', plain),
  code('a comment', `<!-- Call 111222 --><p>${plain}</p>`, plain),
  code('a comment that is never closed', `<p>${plain}</p><!-- Call 111222`, plain),
  code('an empty comment', `<!--><p>${plain}</p><!-- -->`, plain),
  code(
    'parts for Outlook',
    `<!--[if mso]><p>Call 111222</p><![endif]--><![if !mso]><p>${plain}</p><![endif]>`,
    plain,
  ),
  code('parts for all but Outlook', `<!--[if !mso]><!--><p>${plain}</p><!--<![endif]-->`, plain),
  code(
    'scripts and styles',
    `<style>p{}</style><script>var code = 111222</script><title>Call 111222</title><p>${plain}</p>`,
    plain,
  ),
  code('a title that is never closed', `<title>${plain}`, plain),
  code('a head that is never closed', `<head><meta charset="utf-8"><body><p>${plain}`, plain),
  code('a bracket in a value', `<p title="a>b">${plain}</p>`, plain),
  code('a bracket that begins nothing', `1 < 2 <p>${plain}</p>`, `1 < 2\n${plain}`),
  code('a tag that never ends', `${plain} <p title="x`, `${plain} <p title="x`),
  code('a quote that is never closed', `<p title="x>${plain}</p>`, plain),
  code('tags in capitals', `<TABLE><TR><TD>Your code is</TD><TD>735092</TD></TR></TABLE>`, plain),
  code(
    'names of characters',
    'Your code &mdash; caf&eacute; &amp; more &#8212; is &#55;&#x33;5092',
    'Your code — café & more — is 735092',
  ),
  code(
    'names of characters without an end',
    'Your code is&nbsp735092 &amp bye',
    'Your code is 735092 & bye',
  ),
  code(
    'text behind the end',
    `<html><body><p>Hello</p></body></html><p>${plain}</p>`,
    `Hello\n${plain}`,
  ),
  code('closing tags of nothing', `</div></b></td><p>${plain}</p></span>`, plain),
  code('crossed tags', `<b><p>Your code is</b> 735092</p>`, plain),
  code('everything is hidden', `<div style="display:none">${plain}</div>`, plain),
  code('a style that is never closed', `<style>p{} <p>${plain}</p>`, `p{} ${plain}`),
  ...[
    '<style>p{color:red}</style><img src="https://example.com/a.png">',
    '<STYLE type="text/css">p{color:red}</STYLE ><script>if (a<b) call(111222)</script><p></p>',
    '<script src=x></script><style>a{}</style><!-- nothing --><style>b{}',
  ].map((code, i) => page(`style sheets and scripts alone (${i + 1})`, code, i < 2 ? 'Hi' : 'b{}')),
  code('a name from Office', `<o:p>${plain}</o:p>`, plain),
  code(
    'a big picture within the page',
    `<img src="data:image/png;base64,${'A'.repeat(400_000)}"><p>${plain}</p>`,
    plain,
  ),
  page('a raised mark', 'Valid 735092<sup>1</sup>', 'Valid 735092 1'),
  page('letters of İ', '&#304;&#304;<div hidden>x</div>y', 'İİy'),
]

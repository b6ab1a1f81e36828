// M2: charsets that have to be guessed, or that only old programs name.
import { base64, hex, lines, mail, type Shape, sender, shape, utf8 } from './shape.ts'

const type = (charset: string, kind = 'text/plain') => [`Content-Type: ${kind}; charset=${charset}`]
const polish = 'Tw\u00f3j kod \u00b1 482918'
const shownPolish = 'Twój kod ą 482918'
const koi = hex('F7C1DB20CBCFC43A20343832393138')
const shownKoi = 'Ваш код: 482918'
const sjis = hex('94468FD88352815B83683A20343832393138')
const shownJapanese = '認証コード: 482918'
const hz = '~{QiV$Bk~}: 482918'
const shownChinese = '验证码: 482918'
const jis = "$BG'>Z%3!<%I"

const unlabelled: Readonly<Record<string, readonly [bytes: string, shown: string]>> = {
  Korean: [hex('C0CEC1F5B9F8C8A33A20343832393138'), '인증번호: 482918'],
  Chinese: [hex('C4FAB5C4D1E9D6A4C2EBCAC73A20343832393138'), '您的验证码是: 482918'],
  'Chinese of Taiwan': [hex('B17AAABAC5E7C3D2BD58AC4F3A20343832393138'), '您的驗證碼是: 482918'],
  'Japanese, Shift_JIS': [sjis, shownJapanese],
  'Japanese, EUC': [hex('C7A7BEDAA5B3A1BCA5C93A20343832393138'), shownJapanese],
  'Chinese, HZ': [hz, shownChinese],
  'Japanese whose escape bytes are lost, which stays': [`${jis}(B: 482918`, `${jis}(B: 482918`],
  'French, which is no Chinese': ['V\u00e9rifi\u00e9 : 482918', 'Vérifié : 482918'],
  'quotes of Windows, which are no Japanese': ['\u0093482918\u0094 \u0096 ok', '“482918” – ok'],
  'a smile that is no HZ': ['482918 ~{x}~', '482918 ~{x}~'],
}

const labelled: Readonly<Record<string, readonly [label: string, bytes: string, shown: string]>> = {
  'HZ as GB 2312': ['gb2312', hz, shownChinese],
  'Central European of a Macintosh': ['x-mac-ce', '482918 k\u0097d', '482918 kód'],
  'the same by its long name': ['x-mac-centraleurroman', '482918 k\u0097d', '482918 kód'],
  'Turkish of a Macintosh': ['x-mac-turkish', '\u00de\u0069fre 482918', 'Şifre 482918'],
  'Japanese of a Macintosh': ['x-mac-japanese', sjis, shownJapanese],
  'Chinese of a Macintosh': [
    'x-mac-chinesesimp',
    hex('D1E9D6A4C2EB3A20343832393138'),
    shownChinese,
  ],
  'Ukrainian of a Macintosh': ['x-mac-ukrainian', hex('82E0F820EAEEE43A20343832393138'), shownKoi],
  'Japanese of newer sets': [
    'ISO-2022-JP-2004',
    `\u001b$(Q${jis.slice(2)}\u001b(B: 482918`,
    shownJapanese,
  ],
  'Japanese whose escape bytes are lost': ['iso-2022-jp', `${jis}(B: 482918`, shownJapanese],
  'Japanese whose line does not end in ASCII': [
    'iso-2022-jp',
    `\u001b${jis}\n482918`,
    '認証コード\n482918',
  ],
  'Japanese of half width': ['iso-2022-jp', '\u001b(I:0DD\u001b(B: 482918', 'ｺｰﾄﾄ: 482918'],
  'Korean by a name of Java': [
    'x-windows-949',
    hex('C0CEC1F5B9F8C8A33A20343832393138'),
    '인증번호: 482918',
  ],
  'KOI8 without a letter': ['koi8', koi, shownKoi],
  'KOI8 of Tajikistan': ['koi8-t', koi, shownKoi],
  'KOI8 by its number': ['iso-ir-111', koi, shownKoi],
  'KOI8 by its alias': ['csKOI8R', koi, shownKoi],
  'Vietnamese, TCVN': ['tcvn', 'M\u00b7 482918', 'Mã 482918'],
  'Vietnamese, VISCII': ['viscii', 'M\u00e3 482918', 'Mã 482918'],
  'two charsets': ['"iso-8859-2, utf-8"', polish, shownPolish],
  'a charset with a comment': ['iso-8859-2 (Polish)', polish, shownPolish],
  'a charset in an encoded word': ['=?us-ascii?Q?iso-8859-2?=', polish, shownPolish],
  'a charset with blanks': ['ISO 8859-2', polish, shownPolish],
}

const declared: Readonly<Record<string, readonly string[]>> = {
  'a charset without a type': ['Content-Type: charset=iso-8859-2'],
  'a charset in segments': ['Content-Type: text/plain; charset*0=iso-; charset*1=8859-2'],
  'a charset by RFC 2231': ["Content-Type: text/plain; charset*=us-ascii'en'iso-8859-2"],
  'a charset on a line of its own': ['Content-Type: text/plain', '\tcharset="iso-8859-2"'],
}

const subject = (name: string, raw: string, shown: string) =>
  shape(`subject: ${name}`, lines(sender, `Subject: ${raw}`, '', '482918'), {
    text: '482918',
    subject: shown,
  })

export const guessed: readonly Shape[] = [
  ...Object.entries(unlabelled).map(([name, [bytes, text]]) =>
    shape(`${name}, without a label`, mail([], bytes), text),
  ),
  ...Object.entries(labelled).map(([name, [label, bytes, text]]) =>
    shape(name, mail(type(label), bytes), text),
  ),
  ...Object.entries(declared).map(([name, headers]) =>
    shape(name, mail(headers, polish), shownPolish),
  ),
  shape(
    'a charset in the declaration of XML',
    mail(
      ['Content-Type: application/xhtml+xml'],
      `<?xml version="1.0" encoding="windows-1251"?><p>${hex('C2E0F8')} 482918</p>`,
    ),
    'Ваш 482918',
  ),
  shape(
    'a charset far into the markup',
    mail(
      ['Content-Type: text/html'],
      `${'<!-- filler -->'.repeat(120)}<meta charset=koi8-r>${hex('F7C1DB20CBCFC4')} 482918`,
    ),
    'Ваш код 482918',
  ),
  shape(
    'UTF-8 that was encoded twice, which stays',
    mail(type('utf-8'), utf8(utf8('Käse 482918'))),
    'KÃ¤se 482918',
  ),
  shape(
    'a page in UTF-16 without a label',
    mail(
      ['Content-Type: text/html', 'Content-Transfer-Encoding: base64'],
      base64(Buffer.from('\ufeff<p>482918</p>', 'utf16le')),
    ),
    '482918',
  ),
  subject('Shift_JIS without a label', hex('94468FD88352815B8368'), '認証コード'),
  subject('ISO-2022-KR', '=?iso-2022-kr?B?GyQpQw5ATkF1OXhIIw8=?=', '인증번호'),
  subject('ISO-2022-JP, quoted', "=?ISO-2022-JP?Q?=1B$BG'>Z=1B(B?=", '認証'),
  subject(
    'plain text where base64 is promised',
    '=?utf-8?B?Your code 482918?=',
    'Your code 482918',
  ),
  subject('base64 folded in its middle', '=?utf-8?B?S8Ok\r\n c2U=?=', 'Käse'),
  subject('a question mark that is not encoded', '=?utf-8?Q?Code?_482918?=', 'Code? 482918'),
  subject('a letter split between both encodings', '=?utf-8?Q?=F0=9F?= =?utf-8?B?lJE=?=', '🔑'),
  subject(
    'letters in reverse',
    `=?utf-8?B?${base64('Your code is \u202e819284')}?=`,
    'Your code is 482918',
  ),
]

// M2: charsets that are named wrongly, strangely or not at all.
import { base64, hex, mail, type Shape, shape, utf8 } from './shape.ts'

const german = 'Ihr Bestätigungscode lautet 482918.'
const russian = 'Ваш код подтверждения: 482918'
const type = (charset: string, kind = 'text/plain') => [`Content-Type: ${kind}; charset=${charset}`]
const latin1 = german
const wide = (text: string, isBig = false) => {
  const bytes = Buffer.from(text, 'utf16le')
  return (isBig ? bytes.swap16() : bytes).toString('latin1')
}
const encoded = (charset: string, bytes: string) =>
  mail(
    [...type(charset), 'Content-Transfer-Encoding: base64'],
    base64(Buffer.from(bytes, 'latin1')),
  )

const wrongLabels = [
  ...['us-ascii', 'ascii', 'iso-8859-1', 'iso-8859-15', 'windows-1252', 'windows-1251', 'koi8-r'],
  ...[
    'x-unknown',
    'unknown-8bit',
    'utf8',
    'UTF_8',
    'utf-8-sig',
    'utf8mb4',
    'unicode-1-1-utf-8',
    'cp65001',
  ],
  ...[
    'gb2312',
    'big5',
    'shift_jis',
    'iso-2022-jp',
    'macintosh',
    'binary',
    'nonsense',
    '"',
    'default',
  ],
]

const named: Readonly<Record<string, readonly [label: string, bytes: string, text: string]>> = {
  'Latin-1': ['iso-8859-1', latin1, german],
  'Latin-1 by its old name': ['ISO8859_1', latin1, german],
  'Latin-1 as latin1': ['latin1', latin1, german],
  'Windows 1252 as Latin-1': ['iso-8859-1', 'Code: \u0093482918\u0094 \u0080', 'Code: “482918” €'],
  'Windows 1252 as cp1252': ['cp1252', 'Code: \u0093482918\u0094', 'Code: “482918”'],
  'Windows 1252 as win-1252': ['win-1252', 'Code: \u0093482918\u0094', 'Code: “482918”'],
  'Latin-1 by its registered name': ['ISO_8859-1:1987', latin1, german],
  'Latin-2 by its registered name': ['ISO_8859-2:1987', 'k\u00f3d 482918 \u00f8', 'kód 482918 ř'],
  'Latin-5 by its registered name': ['ISO_8859-9:1989', 'do\u00f0rula 482918', 'doğrula 482918'],
  'Latin-9': ['iso-8859-15', '482918 \u00a4', '482918 €'],
  'Latin-2': ['iso-8859-2', 'Tw\u00f3j kod: 482918 \u00b1', 'Twój kod: 482918 ą'],
  'Windows 1251': ['windows-1251', hex('C2E0F820EAEEE43A20343832393138'), 'Ваш код: 482918'],
  'Windows 1251 as cp-1251': ['cp-1251', hex('C2E0F820EAEEE43A20343832393138'), 'Ваш код: 482918'],
  'KOI8-R': ['KOI8-R', hex('F7C1DB20CBCFC43A20343832393138'), 'Ваш код: 482918'],
  Greek: ['iso-8859-7', hex('CAF9E4E9EAFCF220343832393138'), 'Κωδικός 482918'],
  Turkish: ['windows-1254', hex('DE69667265203438323931382E'), 'Şifre 482918.'],
  'Hebrew, logical': ['iso-8859-8-i', hex('F7E5E320343832393138'), 'קוד 482918'],
  Arabic: ['windows-1256', hex('D1E3D220343832393138'), 'رمز 482918'],
  Thai: ['tis-620', hex('C3CBD1CA20343832393138'), 'รหัส 482918'],
  'Thai as windows-874': ['windows-874', hex('C3CBD1CA20343832393138'), 'รหัส 482918'],
  Vietnamese: ['windows-1258', hex('4DE320343832393138'), 'Mă 482918'],
  'Chinese, GB 2312': ['gb2312', hex('D1E9D6A4C2EB3A20343832393138'), '验证码: 482918'],
  'Chinese, GBK as cp936': ['cp936', hex('D1E9D6A4C2EB3A20343832393138'), '验证码: 482918'],
  'Chinese, Big5': ['big5', hex('C5E7C3D2BD583A20343832393138'), '驗證碼: 482918'],
  'Chinese, HZ': ['hz-gb-2312', '~{QiV$Bk~}: 482918 ~~', '验证码: 482918 ~'],
  'Chinese, ISO-2022-CN': ['iso-2022-cn', '\u001b$)A\u000eQiV$Bk\u000f: 482918', '验证码: 482918'],
  'Japanese, ISO-2022-JP': [
    'iso-2022-jp',
    "\u001b$BG'>Z%3!<%I\u001b(B: 482918",
    '認証コード: 482918',
  ],
  'Japanese, ISO-2022-JP unnamed': [
    'us-ascii',
    "\u001b$BG'>Z%3!<%I\u001b(B: 482918",
    '認証コード: 482918',
  ],
  'Japanese, Shift_JIS': [
    'shift_jis',
    hex('94468FD8835281 5B83683A20343832393138'),
    '認証コード: 482918',
  ],
  'Japanese, Shift_JIS as cp932': [
    'cp932',
    hex('94468FD88352815B83683A20343832393138'),
    '認証コード: 482918',
  ],
  'Japanese, EUC': ['euc-jp', hex('C7A7BEDAA5B3A1BCA5C93A20343832393138'), '認証コード: 482918'],
  'Japanese, EUC as ISO-2022-JP': [
    'iso-2022-jp',
    hex('C7A7BEDAA5B3A1BCA5C93A20343832393138'),
    '認証コード: 482918',
  ],
  'Korean, EUC': ['euc-kr', hex('C0CEC1F5B9F8C8A33A20343832393138'), '인증번호: 482918'],
  'Korean by its old name': [
    'ks_c_5601-1987',
    hex('C0CEC1F5B9F8C8A33A20343832393138'),
    '인증번호: 482918',
  ],
  'Korean, ISO-2022-KR': [
    'iso-2022-kr',
    '\u001b$)C\n\u000e@NAu9xH#\u000f: 482918',
    '인증번호: 482918',
  ],
  'UTF-7': ['utf-7', 'Ihr Best+AOQ-tigungscode lautet 482918.', german],
  'UTF-7 by its old name': ['unicode-1-1-utf-7', '+BBIEMARI- 482918', 'Ваш 482918'],
  DOS: ['cp437', 'Ihr Best\u0084tigungscode lautet 482918.', german],
  'DOS, Western': ['ibm850', 'Ihr Best\u0084tigungscode lautet 482918.', german],
  'DOS, Cyrillic': ['cp866', hex('82A0E820AAAEA43A20343832393138'), 'Ваш код: 482918'],
  Macintosh: ['macintosh', 'Ihr Best\u008atigungscode lautet 482918.', german],
  'Macintosh by its short name': [
    'x-mac-roman',
    'Ihr Best\u008atigungscode lautet 482918.',
    german,
  ],
  'a label in single quotes': ["'iso-8859-1'", latin1, german],
  'a label that repeats itself': ['charset=iso-8859-1', latin1, german],
  'Latin-1 as UTF-8': ['utf-8', latin1, german],
  'Latin-1 as ASCII': ['us-ascii', latin1, german],
  'Latin-1 with an unknown label': ['x-nonsense', latin1, german],
  'damaged UTF-8': ['utf-8', `${utf8('Käse ä ö ü 482918')}\u00e4`, 'Käse ä ö ü 482918\ufffd'],
}

export const charsets: readonly Shape[] = [
  ...wrongLabels.flatMap((label) => [
    shape(`UTF-8 as ${label}`, mail(type(label), utf8(german)), german),
    shape(
      `UTF-8 in HTML as ${label}`,
      mail(type(label, 'text/html'), utf8(`<p>${german}</p>`)),
      german,
    ),
  ]),
  ...Object.entries(named).map(([name, [label, bytes, text]]) =>
    shape(name, mail(type(label), bytes), text),
  ),
  shape('UTF-8 without a label', mail([], utf8(russian)), { text: russian, code: '482918' }),
  shape('Latin-1 without a label', mail([], latin1), german),
  shape(
    'Windows 1251 without a label',
    mail([], hex('C2E0F820EAEEE420EFEEE4F2E2E5F0E6E4E5EDE8FF3A20343832393138')),
    russian,
  ),
  shape(
    'KOI8-R without a label',
    mail([], hex('F7C1DB20CBCFC420D0CFC4D4D7C5D2D6C4C5CEC9D13A20343832393138')),
    russian,
  ),
  shape('a byte order mark', mail([], utf8(`\ufeff${german}`)), german),
  shape(
    'a byte order mark and a wrong label',
    mail(type('iso-8859-1'), utf8(`\ufeffCode 482918`)),
    'Code 482918',
  ),
  shape('UTF-16 with a mark', encoded('utf-16', wide(`\ufeff${russian}`)), russian),
  shape(
    'UTF-16, big end first, with a mark',
    encoded('utf-16', wide(`\ufeff${russian}`, true)),
    russian,
  ),
  shape('UTF-16LE', encoded('utf-16le', wide(german)), german),
  shape('UTF-16BE', encoded('utf-16be', wide(german, true)), german),
  shape('UTF-16 without a mark', encoded('utf-16', wide(german)), german),
  shape('UTF-16 without a mark, big end first', encoded('utf-16', wide(german, true)), german),
  shape('UTF-16 without a label', encoded('""', wide(german)), german),
  shape('UTF-16 said of UTF-8', mail(type('utf-16'), utf8(german)), german),
  shape('UTF-16 said of ASCII', mail(type('utf-16'), 'Code 482918'), 'Code 482918'),
  shape(
    'a charset in the markup',
    mail(['Content-Type: text/html'], `<meta charset="iso-8859-2"><p>Tw\u00f3j kod \u00b1 482918`),
    'Twój kod ą 482918',
  ),
  shape(
    'a charset in the markup, the old way',
    mail(
      ['Content-Type: text/html'],
      `<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">${hex('F7C1DB20CBCFC4')} 482918`,
    ),
    'Ваш код 482918',
  ),
  shape(
    'a charset in the markup against ASCII',
    mail(
      type('us-ascii', 'text/html'),
      `<meta charset=windows-1251>${hex('C2E0F820EAEEE4')} 482918`,
    ),
    'Ваш код 482918',
  ),
  shape(
    'a charset in the markup against the header',
    mail(type('iso-8859-1', 'text/html'), `<meta charset="koi8-r"><p>${latin1}`),
    german,
  ),
  shape(
    'UTF-16 in the markup of ASCII',
    mail(['Content-Type: text/html'], '<meta charset="utf-16"><p>Code 482918'),
    'Code 482918',
  ),
  ...['us-ascii', 'iso-8859-1', 'windows-1251', 'shift_jis', 'gb2312', 'x-unknown'].flatMap(
    (label) => [
      shape(
        `cut UTF-8 as ${label}`,
        mail(type(label), `${utf8(russian)} ${utf8('я').slice(0, 1)}`),
        {
          text: `${russian} \ufffd`,
          code: '482918',
        },
      ),
      shape(`UTF-8 with a stray byte as ${label}`, mail(type(label), `\u00ff${utf8(russian)}`), {
        text: `\ufffd${russian}`,
        code: '482918',
      }),
    ],
  ),
  shape(
    'cut UTF-8 in HTML',
    mail(type('iso-8859-1', 'text/html'), `<p>${utf8(russian)}</p>${utf8('я').slice(0, 1)}`),
    `${russian}\n\ufffd`,
  ),
]

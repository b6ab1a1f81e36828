// RFC 2047 in every broken form, in the subject and in the name of the sender.
import { lines, type Shape, sender, shape, utf8 } from './shape.ts'

const text = 'Your code is 482918.'
const subjects: Readonly<Record<string, readonly [raw: string, shown: string]>> = {
  quoted: ['=?utf-8?Q?K=C3=A4se?=', 'Käse'],
  base64: ['=?utf-8?B?S8Okc2U=?=', 'Käse'],
  'small letters': ['=?utf-8?q?K=c3=a4se?=', 'Käse'],
  'base64 without padding': ['=?utf-8?B?S8Okc2U?=', 'Käse'],
  'base64 with blanks': ['=?utf-8?B?S8Ok c2U=?=', 'Käse'],
  underscores: ['=?utf-8?Q?Your_code=5F1?=', 'Your code_1'],
  'blanks within': ['=?utf-8?Q?Your code is K=C3=A4se?=', 'Your code is Käse'],
  'two words': ['=?utf-8?Q?Your_?= =?utf-8?Q?code?=', 'Your code'],
  'two words on two lines': ['=?utf-8?Q?Your_?=\r\n =?utf-8?Q?code?=', 'Your code'],
  'two words without a blank between them': ['=?utf-8?Q?Your_?==?utf-8?Q?code?=', 'Your code'],
  'a letter split between words': ['=?utf-8?Q?K=C3?= =?utf-8?Q?=A4se?=', 'Käse'],
  'a letter split between words in base64': ['=?utf-8?B?S8M=?= =?utf-8?B?pHNl?=', 'Käse'],
  'a letter split between words of two kinds': ['=?UTF-8?Q?K=C3?= =?utf-8?B?pHNl?=', 'Käse'],
  'words of two charsets': ['=?utf-8?Q?K=C3=A4se_?= =?iso-8859-1?Q?f=FCr?=', 'Käse für'],
  'plain text around': ['Re: =?utf-8?Q?K=C3=A4se?= today', 'Re: Käse today'],
  'within a word': ['abc=?utf-8?Q?K=C3=A4se?=def', 'abcKäsedef'],
  'in quotes': ['"=?utf-8?Q?K=C3=A4se?="', '"Käse"'],
  'no end': ['=?utf-8?Q?K=C3=A4se', 'Käse'],
  'no end in base64': ['=?utf-8?B?S8Okc2U=', 'Käse'],
  'half an end': ['=?utf-8?Q?K=C3=A4se?', 'Käse'],
  'no end, and another word': ['=?utf-8?B?S8Okc2U= =?utf-8?Q?!?=', 'Käse!'],
  'no charset': ['=??Q?K=C3=A4se?=', 'Käse'],
  'an unknown charset': ['=?x-unknown?Q?K=C3=A4se?=', 'Käse'],
  'an unknown charset and Latin-1': ['=?x-unknown?Q?K=E4se?=', 'Käse'],
  'UTF-8 as Latin-1': ['=?iso-8859-1?Q?K=C3=A4se?=', 'Käse'],
  'UTF-8 as ASCII': ['=?us-ascii?Q?K=C3=A4se?=', 'Käse'],
  'Latin-1 as UTF-8': ['=?utf-8?Q?K=E4se?=', 'Käse'],
  'a language': ['=?utf-8*de?Q?K=C3=A4se?=', 'Käse'],
  'an unknown encoding': ['=?utf-8?X?K=C3=A4se?=', '=?utf-8?X?K=C3=A4se?='],
  'nothing in it': ['a =?utf-8?Q??= b', 'a b'],
  'an equals sign that encodes nothing': ['=?utf-8?Q?a=b=?=', 'a=b='],
  'raw bytes in it': [utf8('=?utf-8?Q?Käse?='), 'Käse'],
  'raw bytes beside it': [utf8('Käse =?utf-8?Q?K=C3=A4se?='), 'Käse Käse'],
  'only its beginning': ['=?', '=?'],
  'what only looks like it': ['1 =? 2 ?= 3', '1 =? 2 ?= 3'],
  'ISO-2022-JP': ['=?iso-2022-jp?B?GyRCRyc+WiUzITwlSRsoQg==?=', '認証コード'],
  'ISO-2022-JP in two words': [
    '=?iso-2022-jp?B?GyRCRyc+WhsoQg==?= =?iso-2022-jp?B?GyRCJTMhPCVJGyhC?=',
    '認証コード',
  ],
  'GB 2312': ['=?gb2312?B?0enWpMLr?=', '验证码'],
  'KOI8-R': ['=?koi8-r?Q?=EB=CF=C4?=', 'Код'],
  'UTF-7': ['=?utf-7?Q?K+AOQ-se?=', 'Käse'],
  'a line break in it': ['=?utf-8?Q?a=0D=0Ab?=', 'a b'],
  'an emoji': ['=?utf-8?B?8J+UkSA0ODI5MTg=?=', '🔑 482918'],
  'an emoji split in two': ['=?utf-8?B?8J+U?= =?utf-8?B?kSA0ODI5MTg=?=', '🔑 482918'],
}
const senders: Readonly<Record<string, readonly [raw: string, shown: string]>> = {
  'a name': ['=?utf-8?Q?K=C3=A4se?= <a@example.com>', 'Käse <a@example.com>'],
  'a name in quotes': ['"=?utf-8?Q?K=C3=A4se?=" <a@example.com>', 'Käse <a@example.com>'],
  'a name with a comma': [
    '=?utf-8?Q?K=C3=A4se=2C_Inc=2E?= <a@example.com>',
    'Käse, Inc. <a@example.com>',
  ],
  'a name in two words': [
    '=?utf-8?Q?K=C3=A4se?= =?utf-8?Q?_GmbH?= <a@example.com>',
    'Käse GmbH <a@example.com>',
  ],
  'a name beside its address without a blank': [
    '=?utf-8?Q?K=C3=A4se?=<a@example.com>',
    'Käse <a@example.com>',
  ],
  'name and address as one word': ['=?utf-8?Q?K=C3=A4se_<a@example.com>?=', 'Käse <a@example.com>'],
  'a name in a comment': ['a@example.com (=?utf-8?Q?K=C3=A4se?=)', 'Käse <a@example.com>'],
}

export const encodedWords: readonly Shape[] = [
  ...Object.entries(subjects).map(([name, [raw, subject]]) =>
    shape(`subject: ${name}`, lines(sender, `Subject: ${raw}`, '', text), { text, subject }),
  ),
  ...Object.entries(senders).map(([name, [raw, from]]) =>
    shape(`sender: ${name}`, lines(`From: ${raw}`, 'Subject: Hi', '', text), { text, from }),
  ),
]

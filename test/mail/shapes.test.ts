// M1, M2, M3, M5: damaged and old-fashioned mails show what lenient mail programs show of them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractCode } from '../../src/core/codes/extract.ts'
import { BadMail, type ParsedMail, parseMail } from '../../src/supply/smtp/parse.ts'
import { attempts } from '../harness/attempts.ts'
import { cpuMsOf } from '../harness/busy.ts'
import { openMail, talkTo, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'
import { borders } from './shapes/borders.ts'
import { digitBoxes } from './shapes/boxes.ts'
import { charsets } from './shapes/charsets.ts'
import { contentTypes } from './shapes/content-types.ts'
import { encodedWords } from './shapes/encoded-words.ts'
import { encodings } from './shapes/encodings.ts'
import { files } from './shapes/files.ts'
import { guessed } from './shapes/guessed.ts'
import { headers } from './shapes/headers.ts'
import { html } from './shapes/html.ts'
import { oddBodies } from './shapes/odd-bodies.ts'
import { painted } from './shapes/painted.ts'
import { alternatives, enclosed, flowing } from './shapes/parts.ts'
import { type Shape, shape, utf8 } from './shapes/shape.ts'
import { sheets } from './shapes/sheets.ts'
import { wrapped } from './shapes/wrapped.ts'

const kinds: Readonly<Record<string, readonly Shape[]>> = {
  'M1: content types': contentTypes,
  'M1: borders': borders,
  'M1: headers': headers,
  'M1: attachments': files,
  'M1: alternatives': alternatives,
  'M1: mails in mails': enclosed,
  'M1: signatures, RTF, winmail.dat': wrapped,
  'M2: charsets': charsets,
  'M2: charsets to guess': guessed,
  'M2: encoded words': encodedWords,
  'M3: transfer encodings': encodings,
  'M3: odd bodies': oddBodies,
  'M3: flowed and enriched text': flowing,
  'M5: layout by style': html,
  'M5: seen otherwise than written': painted,
  'M5: digits one by one': digitBoxes,
  'M5: style sheets': sheets,
}

const bytesOf = ({ raw }: Shape) => Buffer.from(raw, 'latin1')

/** As a mail's inbox without rules of its own finds it. */
const codeIn = ({ text, subject, htmlText, isReadable }: ParsedMail) =>
  extractCode({ text: isReadable ? text : '', subject, channel: 'email' }).code ??
  extractCode({ text: htmlText ?? '', subject, channel: 'email' }).code

for (const [kind, shapes] of Object.entries(kinds))
  describe(kind, () => {
    it.each(shapes.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      const mail = await parseMail(bytesOf(one))
      expect(mail).toMatchObject({
        text: one.text,
        subject: one.subject ?? 'Hi',
        from: one.from ?? 'Example <noreply@example.com>',
        isReadable: one.isReadable ?? true,
      })
      if (one.code !== undefined) expect(codeIn(mail)).toBe(one.code)
    })
  })

describe('by SMTP to the order', async () => {
  const server = await testServer({ template: 'catalog' })
  const { app, db } = server
  const mail = await testMailServer(server)
  const { accountId, key } = await testCustomer(db, { credit: '1000' })
  const domain = await ownDomain(db, { capacity: 1_000 })

  /** One of each kind, and every kind of mail that cannot be read. */
  const sample = Object.entries(kinds).flatMap(([kind, shapes]) => {
    const some = shapes.filter((_, i) => i % Math.ceil(shapes.length / 4) === 0)
    return some
      .filter(({ raw }) => !/\r(?!\n)|(?<!\r)\n/.test(raw))
      .map((one) => [`${kind}, ${one.name}`, one] as const)
  })

  it.concurrent.each(sample)('%s', async (_name, one) => {
    const order = await buyOne(app, { accountId, domains: [domain] })
    const talk = await talkTo(mail)
    await openMail(talk, [order.email])
    talk.socket.write(Buffer.from(one.raw.replace(/^\./gm, '..'), 'latin1'))
    expect(await talk.say(Buffer.from('\r\n.\r\n'))).toBe('250 2.6.0 Stored')
    talk.end()
    const id = app.ids.toToken('ord', order.id)
    const answer = await fetch(`${server.url}/v1/orders/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const shown = (await answer.json()) as Record<string, unknown>
    expect(shown).toMatchObject({
      state: one.isReadable === false ? 'waiting' : 'received',
      messages: [
        {
          text: one.text.replaceAll('\u0000', ''),
          subject: (one.subject ?? 'Hi').replaceAll('\u0000', ''),
        },
      ],
    })
    if (one.code !== undefined) expect(shown.code).toBe(one.code)
    const posts = await db.query(`select from transfers where order_id = $1 and kind = 'post'`, [
      order.id,
    ])
    expect(posts).toHaveLength(one.isReadable === false ? 0 : 1)
  })
})

describe('any bytes', () => {
  const pieces = fc.constantFrom(
    ...[
      'From: a@example.com\r\n',
      'Subject: =?utf-8?Q?',
      'Content-Type: multipart/mixed; boundary=b\r\n',
    ],
    ...[
      'Content-Type: text/html\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      '\r\n',
      '\r\n\r\n',
      '--b\r\n',
    ],
    ...[
      '--b--\r\n',
      '<p>',
      '<!--',
      '=',
      '?=',
      '"',
      ';',
      '\u001b$B',
      '\u0000',
      'abc',
      '482918',
      ' ',
      '\u00e4',
    ],
    ...[
      'begin 644 a\r\n',
      'Content-Type: message/rfc822\r\n',
      '<style>',
      'name*0*=',
      "utf-8''%",
      '\r',
      '\n',
    ],
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
    fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
  )

  it('are read or refused, and never shown as an empty text', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const mail = await parseMail(raw).catch((error: unknown) => {
          expect(error).toBeInstanceOf(BadMail)
          return null
        })
        if (mail) expect(mail.text.trim()).not.toBe('')
      }),
      { numRuns: attempts(200, 500) },
    )
  })

  it('with a printable body are readable, whatever their header says', async () => {
    const header = fc.array(
      pieces.filter((piece) => !/base64|style|<!--|begin/.test(piece) && piece !== '\u0000'),
      { maxLength: 12 },
    )
    await fc.assert(
      fc.asyncProperty(header, async (parts) => {
        // Text behind the closing border is left out if a part before it shows something.
        fc.pre(!/--b\r\n.*--b--/s.test(parts.join('')))
        const one = shape(
          '',
          `From: a@example.com\r\n${parts.join('')}\r\n\r\nThe code 482918\r\n`,
          '',
        )
        const mail = await parseMail(bytesOf(one))
        expect(mail.isReadable).toBe(true)
        expect(`${mail.subject} ${mail.text}`).toContain('482918')
      }),
      { numRuns: attempts(200, 500) },
    )
  })

  const long = attempts(96, 1024) * 1024
  const maxCpuMs = attempts(2_000, 10_000)
  const repeated: Readonly<Record<string, string>> = {
    'line breaks': '\r\n',
    'blank lines of blanks': '  \r\n',
    'soft breaks': '=\r\n',
    'words that begin': '=?utf-8?Q?',
    'parts without anything': '--b\r\n\r\n',
    'dashed lines': '--a\r\n',
    'opened tags': '<div>',
    cells: '<td></td>',
    brackets: '<',
    comments: '<!--',
    quotes: '<p a="',
    styles: '<style>a{',
    rules: '<style>p p p{width:0}.a .b>.c{float:left}</style><p class="c">',
    media: '<style>@media screen{',
    ampersands: '&',
    'uuencoded files': 'begin 644 a\r\n#0V%T\r\n \r\nend\r\n',
    quotations: '> > \r\n',
    calendars: 'BEGIN:VCALENDAR\r\nSUMMARY:a\r\n',
    escapes: '\u001b$B',
    tildes: '~{',
    'wide letters': utf8('認'),
    blanks: ' ',
    'equals signs': '= ',
    'broken lines': `${'a'.repeat(74)} =\r\n`,
    'quoted letters': '=C3=A4 ',
    'RTF groups': '{\\rtf1\\u1{',
    'RTF letters': "{\\rtf\\'e4",
    'endless elements': '0\u0080',
    'nested elements': '0\u0084\u007f\u00ff\u00ff\u00ff',
    'TNEF attributes': '\u0078\u009f\u003e\u0022\u0000\u0000',
  }
  const types = {
    plain: 'text/plain; format=flowed; charset=iso-2022-jp',
    html: 'text/html',
    mixed: 'multipart/mixed; boundary=b',
    enriched: 'text/enriched',
    calendar: 'text/calendar',
    file: 'application/octet-stream',
  }
  it.each(Object.entries(repeated))(
    'of nothing but %s are read in bounded time',
    async (_name, piece) => {
      const body = piece.repeat(Math.ceil(long / piece.length))
      for (const type of Object.values(types))
        for (const encoding of ['7bit', 'quoted-printable']) {
          const head = `Subject: x\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
          const spentMs = await cpuMsOf(() =>
            parseMail(Buffer.from(head + body, 'latin1')).catch((error: unknown) =>
              expect(error).toBeInstanceOf(BadMail),
            ),
          )
          expect(spentMs, `${type} in ${encoding}`).toBeLessThan(maxCpuMs)
        }
    },
    300_000,
  )
})

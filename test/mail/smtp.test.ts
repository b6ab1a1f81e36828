// Mail by SMTP, from senders that are not ours: what is for an open inbox is stored before it is answered.
import { describe, expect, it } from 'vitest'
import { cancelOrder, finishOrder } from '../harness/ending.ts'
import { mailText, openMail, sendMail, talkTo, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyMany, buyOne, ownDomain } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const mail = await testMailServer(server)
const { accountId } = await testCustomer(db, { credit: '1000' })
const domain = await ownDomain(db, { capacity: 10_000 })
const inbox = () => buyOne(app, { accountId, domains: [domain] })
const messagesOf = (id: bigint) => app.messages.of(id)
const read = (id: bigint) => app.orders.read(accountId, id)

describe('a mail by nodemailer', () => {
  it('reaches its inbox over STARTTLS, with subject, text, harmless markup, headline and code', async () => {
    const order = await inbox()
    const sent = await sendMail(mail, {
      to: order.email,
      subject: 'Your Example code',
      text: 'Your verification code is 482913. It is valid for 10 minutes.',
      html: '<p>Your verification code is <b>482913</b>.</p><script>alert(1)</script>',
    })
    expect(sent.response).toBe('250 2.6.0 Stored')
    expect(await messagesOf(order.id)).toEqual([
      {
        id: expect.any(BigInt),
        serviceId: null,
        sender: 'Example <noreply@example.com>',
        text: 'Your verification code is 482913. It is valid for 10 minutes.',
        code: '482913',
        links: [],
        receivedAt: app.now(),
        subject: 'Your Example code',
        html: '<p>Your verification code is <b>482913</b>.</p>',
        headline: 'Your Example code',
      },
    ])
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '482913' })
  })

  it('of markup alone has a text and a code, and of its attachments nothing is kept', async () => {
    const order = await inbox()
    await sendMail(mail, {
      to: order.email,
      subject: 'Anmeldung',
      html:
        '<style>p{color:red}</style><div style="display:none">Preheader 999999</div>' +
        '<p>Dein Code lautet:</p><h1>551 204</h1>',
      attachments: [{ filename: 'terms.pdf', content: Buffer.alloc(100_000, 7) }],
    })
    const [message] = await messagesOf(order.id)
    expect(message).toMatchObject({ code: '551204', text: 'Dein Code lautet:\n551 204' })
    expect(message?.html).toBe('<p>Dein Code lautet:</p><h1>551 204</h1>')
  })

  it('in another alphabet and encoding reads as it was written', async () => {
    const order = await inbox()
    await sendMail(mail, {
      to: order.email,
      subject: 'Код подтверждения 🔑',
      text: 'Ваш код подтверждения: 70 12 45',
      encoding: 'base64',
      textEncoding: 'base64',
    })
    const [message] = await messagesOf(order.id)
    expect(message).toMatchObject({ subject: 'Код подтверждения 🔑', code: '701245' })
    expect(message?.text).toBe('Ваш код подтверждения: 70 12 45')
  })

  it('for several inboxes reaches each, and is counted for each', async () => {
    const orders = await buyMany(app, { accountId, domains: [domain], quantity: 3 })
    const before = app.mail.counts.all().get('delivered') ?? 0
    await sendMail(mail, {
      to: orders.map((one) => one.email ?? ''),
      subject: 'Code',
      text: '1 code: 443322',
    })
    for (const { id } of orders) expect(await messagesOf(id)).toHaveLength(1)
    expect(app.mail.counts.all().get('delivered')).toBe(before + 3)
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain(`numlet_mails_total{outcome="delivered"} ${before + 3}`)
  })

  it('without a word of a code makes the order received, and pays for it', async () => {
    const order = await inbox()
    await sendMail(mail, { to: order.email, subject: 'Welcome', text: 'Nice to have you here.' })
    expect(await read(order.id)).toMatchObject({ state: 'received', code: null, messageCount: 1 })
    const transfers = await db.query(
      'select kind from transfers where order_id = $1 order by seq',
      [order.id],
    )
    expect(transfers).toEqual([{ kind: 'hold' }, { kind: 'post' }])
    const events = await db.query('select type from events where order_id = $1 order by id', [
      order.id,
    ])
    expect(events).toEqual([{ type: 'order.created' }, { type: 'message.received' }])
  })
})

describe('by hand', () => {
  it('the address may be written in any case', async () => {
    const order = await inbox()
    const talk = await talkTo(mail)
    expect(await openMail(talk, [order.email.toUpperCase()])).toMatch(/^354 /)
    talk.socket.write(mailText('Hello', 'Code: 883311'))
    expect(await talk.say('.')).toBe('250 2.6.0 Stored')
    talk.end()
    expect(await messagesOf(order.id)).toHaveLength(1)
  })

  it('commands that come together are answered one by one', async () => {
    const order = await inbox()
    const talk = await talkTo(mail)
    await talk.say('EHLO client.example.com')
    const together = [
      'MAIL FROM:<a@example.com>',
      'RCPT TO:<nobody@example.com>',
      `RCPT TO:<${order.email}>`,
      'DATA',
      '',
    ]
    expect(await talk.say(Buffer.from(together.join('\r\n')))).toMatch(/^250 2\.1\.0/)
    expect(await talk.hear()).toBe('550 5.1.1 There is no such inbox here')
    expect(await talk.hear()).toMatch(/^250 2\.1\.5/)
    expect(await talk.hear()).toMatch(/^354/)
    // A mail and its end, the next mail, and QUIT in one piece.
    const second = ['MAIL FROM:<a@example.com>', `RCPT TO:<${order.email}>`, 'DATA', ''].join(
      '\r\n',
    )
    expect(await talk.say(Buffer.from(`${mailText('One', 'Code 100001')}.\r\n${second}`))).toBe(
      '250 2.6.0 Stored',
    )
    expect(await talk.hear()).toMatch(/^250 2\.1\.0/)
    expect(await talk.hear()).toMatch(/^250 2\.1\.5/)
    expect(await talk.hear()).toMatch(/^354/)
    expect(await talk.say(Buffer.from(`${mailText('Two', 'Code 100002')}.\r\nQUIT\r\n`))).toBe(
      '250 2.6.0 Stored',
    )
    expect(await talk.hear()).toMatch(/^221/)
    expect((await messagesOf(order.id)).map((one) => one.subject)).toEqual(['One', 'Two'])
  })

  it('a line that begins with a dot stays whole', async () => {
    const order = await inbox()
    const talk = await talkTo(mail)
    await openMail(talk, [order.email])
    talk.socket.write(mailText('Dots', '..hidden\n... Code: 640027').replaceAll('\r\n.', '\r\n..'))
    expect(await talk.say('.')).toMatch(/^250/)
    talk.end()
    expect((await messagesOf(order.id))[0]?.text).toBe('..hidden\n... Code: 640027')
  })

  it('nobody logs in, and no other command tells who is here', async () => {
    const order = await inbox()
    const talk = await talkTo(mail)
    talk.socket.write('EHLO client.example.com\r\n')
    const features = await new Promise<string>((resolve) =>
      talk.socket.once('data', (chunk) => resolve(String(chunk))),
    )
    expect(features).toContain('STARTTLS')
    expect(features).toContain(`SIZE ${5 * 1024 * 1024}`)
    expect(features).not.toContain('AUTH')
    await talk.hear()
    expect(await talk.say('AUTH PLAIN AGEAYg==')).toMatch(/^500/)
    expect(await talk.say(`VRFY ${order.email}`)).toBe(await talk.say('VRFY nobody@example.com'))
    talk.end()
  })
})

describe('what is refused at RCPT', () => {
  const answerTo = async (address: string) => {
    const talk = await talkTo(mail)
    await talk.say('EHLO client.example.com')
    await talk.say('MAIL FROM:<a@example.com>')
    const answer = await talk.say(`RCPT TO:<${address}>`)
    talk.end()
    return answer
  }
  const nobody = '550 5.1.1 There is no such inbox here'

  it('an address that is nobody’s', async () => {
    expect(await answerTo(`nobody@${domain}`)).toBe(nobody)
    expect(await answerTo('someone@elsewhere.example')).toBe(nobody)
    expect(await answerTo('postmaster')).toBe(nobody)
    expect(await answerTo('x@[127.0.0.1]')).toBe(nobody)
    expect(await answerTo(`'; drop table orders; --@${domain}`)).toMatch(/^5/)
  })

  it('an inbox whose order was cancelled, has ended, or is over and not yet swept', async () => {
    const cancelled = await inbox()
    await cancelOrder(db, app.now(), cancelled)
    expect(await answerTo(cancelled.email)).toBe(nobody)
    const finished = await inbox()
    await sendMail(mail, { to: finished.email, subject: 'Hello', text: 'Hello' })
    await finishOrder(db, app.now(), finished)
    expect(await answerTo(finished.email)).toBe(nobody)
    const over = await inbox()
    server.advance(20 * 60 + 1)
    expect(await answerTo(over.email)).toBe(nobody)
  })

  it('the twenty-first guess ends the connection', async () => {
    const talk = await talkTo(mail)
    await talk.say('EHLO client.example.com')
    await talk.say('MAIL FROM:<a@example.com>')
    for (let i = 0; i < 20; i++)
      expect(await talk.say(`RCPT TO:<guess${i}@${domain}>`)).toBe(nobody)
    expect(await talk.say(`RCPT TO:<guess20@${domain}>`)).toMatch(/^421/)
    expect(await talk.hear()).toBe('closed')
  })
})

describe('the same mail again', () => {
  const again = async (address: string, headers: readonly string[], body = 'Code: 662200') => {
    const talk = await talkTo(mail)
    await openMail(talk, [address])
    talk.socket.write(mailText('Hello', body, headers))
    const answer = await talk.say('.')
    talk.end()
    return answer
  }

  it('is stored once for each inbox, by its Message-ID', async () => {
    const [one, two] = await buyMany(app, { accountId, domains: [domain], quantity: 2 })
    if (!one || !two) throw new Error('two were bought')
    const headers = ['Message-ID: <same@example.com>']
    for (const { email } of [one, one, two, one])
      expect(await again(email as string, headers)).toBe('250 2.6.0 Stored')
    expect(await messagesOf(one.id)).toHaveLength(1)
    expect(await messagesOf(two.id)).toHaveLength(1)
    expect(await read(one.id)).toMatchObject({ messageCount: 1 })
  })

  it('is one mail whatever a relay adds to its header', async () => {
    const order = await inbox()
    const id = 'Message-ID: <relayed@example.com>'
    await again(order.email, ['Received: from a.example.com', id])
    await again(order.email, ['Received: from b.example.com', 'X-Relay: 2', id])
    expect(await messagesOf(order.id)).toHaveLength(1)
  })

  it('without a Message-ID is known by its bytes', async () => {
    const order = await inbox()
    await again(order.email, [])
    await again(order.email, [])
    await again(order.email, [], 'Code: 662201')
    expect((await messagesOf(order.id)).map((one) => one.code)).toEqual(['662200', '662201'])
  })

  describe('M4: is told apart from another mail with the same Message-ID', () => {
    const ids = [
      ...['<>', '< >', '<@x>', '<x@>', '<@>', '@', 'null', '<null>', 'undefined', 'NULL'],
      ...['', ' ', '<null@null>', '<undefined@example.com>', '<id>', '0', '(null)', '<a@b>'],
      '<constant.0001@mailer.example.com>',
    ]
    it.concurrent.each(ids)('%j', async (id) => {
      const order = await inbox()
      const headers = [`Message-ID: ${id}`]
      for (const code of ['662200', '662201', '662200', '662201'])
        expect(await again(order.email, headers, `Code: ${code}`)).toBe('250 2.6.0 Stored')
      expect((await messagesOf(order.id)).map((one) => one.code)).toEqual(['662200', '662201'])
    })

    it('by its subject, and by its date', async () => {
      const order = await inbox()
      const raw = (subject: string, date: string) =>
        mailText(subject, 'See above.', ['Message-ID: <same@example.com>']).replace(
          'Fri, 20 Nov 2026 10:00:00 +0000',
          date,
        )
      for (const [subject, minute] of [
        ['110011 is your code', '00'],
        ['220022 is your code', '00'],
        ['220022 is your code', '05'],
        ['110011 is your code', '00'],
      ] as const) {
        const talk = await talkTo(mail)
        await openMail(talk, [order.email])
        talk.socket.write(raw(subject, `Fri, 20 Nov 2026 10:${minute}:00 +0000`))
        await talk.say('.')
        talk.end()
      }
      const codes = (await messagesOf(order.id)).map((one) => one.code)
      expect(codes).toEqual(['110011', '220022', '220022'])
    })
  })
})

describe('a mail that has nothing to read', () => {
  const deliver = async (to: string, headers: readonly string[], body: string, subject = '') => {
    const talk = await talkTo(mail)
    await openMail(talk, [to])
    talk.socket.write(mailText(subject, body, headers))
    expect(await talk.say('.')).toBe('250 2.6.0 Stored')
    talk.end()
  }
  const transfersOf = async (id: bigint) =>
    (
      await db.query<{ kind: string }>(
        'select kind from transfers where order_id = $1 order by seq',
        [id],
      )
    ).map((one) => one.kind)

  it('is kept and shown, and neither ends the wait nor costs anything', async () => {
    const order = await inbox()
    await deliver(order.email, [], '')
    expect(await read(order.id)).toMatchObject({ state: 'waiting', messageCount: 1, code: null })
    expect(await messagesOf(order.id)).toMatchObject([{ text: 'This mail has no text.' }])
    expect(await transfersOf(order.id)).toEqual(['hold'])
    await deliver(order.email, [], 'Your code is 550055.')
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '550055' })
    expect(await transfersOf(order.id)).toEqual(['hold', 'post'])
  })

  it('leaves a reordered inbox waiting for its next mail', async () => {
    const order = await inbox()
    await deliver(order.email, [], 'Your code is 550055.')
    await app.inboxes.reorder({ accountId, id: order.id, once: null })
    await deliver(order.email, [], '')
    expect(await read(order.id)).toMatchObject({ resendPending: true, messageCount: 2 })
    await deliver(order.email, [], 'Your code is 660066.')
    expect(await read(order.id)).toMatchObject({ resendPending: false, code: '660066' })
  })

  it('leaves the order to be cancelled and refunded', async () => {
    const order = await inbox()
    await deliver(order.email, [], '')
    await cancelOrder(db, app.now(), order)
    expect(await transfersOf(order.id)).toEqual(['hold', 'void'])
  })

  it('shows its subject where it has one, which counts as its text', async () => {
    const order = await inbox()
    await deliver(order.email, [], '', '773311 is your code')
    expect(await messagesOf(order.id)).toMatchObject([{ text: '773311 is your code' }])
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '773311' })
  })
})

// Promise 4 for mail: what was answered 250 is there after `kill -9`, once; what was not may come again.
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { buyInboxes } from '../../src/core/inboxes/buy.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase, testKey } from '../harness/database.ts'
import { mailText, openMail, talkTo } from '../harness/mail.ts'
import { eventually, type Program, startProgram } from '../harness/program.ts'
import { ownDomain, usd } from '../mail/market.ts'
import { expectCleanAudit, lots } from './market.ts'

const rounds = attempts(1, 6)
const senders = 6
const mailsBeforeKill = 25
const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }

type Mail = { readonly id: string; readonly address: string }

describe('after kill -9 of the mail server', async () => {
  const { db, url } = await testDatabase()
  const start = async () => {
    const started = await startProgram({
      DATABASE_URL: url,
      NUMLET_ENCRYPTION_KEY: testKey,
      NUMLET_SIMULATOR_AUTO: '0',
      NUMLET_LOG: 'silent',
    })
    // @NOTE the port stands on stderr, which may come after stdout's word that all is ready
    await eventually(async () => smtpPortOf(started) > 0)
    return started
  }
  let program: Program = await start()
  const addresses = await buySome()
  const stored = new Set<string>()
  let unanswered: Mail[] = []
  let sent = 0

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
  })

  it(`everything that was answered 250 is there once, ${rounds} times under load`, {
    timeout: 300_000,
  }, async () => {
    let cutOff = 0
    for (let round = 0; round < rounds; round++) {
      const lot = lots(round)
      const killAt = stored.size + mailsBeforeKill + lot.below(mailsBeforeKill)
      const running = Promise.all(Array.from({ length: senders }, work))
      await eventually(async () => stored.size >= killAt)
      await program.end('SIGKILL')
      await running
      program = await start()
      cutOff += unanswered.length
      const again = unanswered
      unanswered = []
      await Promise.all(again.map(send))
      expect(unanswered).toEqual([])
      const rows = await db.query<{ mail: string }>(
        `select address || ' ' || subject as mail from messages order by 1`,
      )
      expect(rows.map((row) => row.mail)).toEqual([...stored].sort())
      await expectCleanAudit(db)
    }
    // Without mails that were cut off nothing was tested.
    expect(cutOff).toBe(rounds * senders)
  })

  /** Sends mails until one is not answered: the server is gone. */
  async function work() {
    const one = () => {
      const id = `mail-${++sent}`
      return send({ id, address: addresses[sent % addresses.length] as string })
    }
    while (await one());
  }

  /** @returns whether it was answered 250 */
  async function send(mail: Mail): Promise<boolean> {
    const { id, address } = mail
    const talk = await talkTo({ port: smtpPortOf(program) })
    await openMail(talk, [address])
    talk.socket.write(mailText(id, 'Your code is 118822.', [`Message-ID: <${id}@example.com>`]))
    const answer = await talk.say('.')
    talk.end()
    const isStored = answer === '250 2.6.0 Stored'
    if (isStored) stored.add(`${address} ${id}`)
    else unanswered.push(mail)
    return isStored
  }

  async function buySome(): Promise<readonly string[]> {
    const { id: accountId } = await createAccount(db, {
      email: 'crash@example.com',
      currency: 'USD',
    })
    await creditAccount(db, new Date(), { accountId, amount: usd('100'), reference: 'test' })
    const bought = await buyInboxes(db, new Date(), noLimits, {
      accountId,
      site: 'example.com',
      domains: [await ownDomain(db, { sessionS: 86_400 })],
      quantity: 20,
      subject: null,
      pattern: null,
      once: null,
    })
    if (!('orders' in bought)) throw new Error('no key was given')
    return bought.orders.map((order) => order.email as string)
  }
})

const smtpPortOf = (program: Program) =>
  Number(/smtp:\/\/127\.0\.0\.1:(\d+)/.exec(program.output())?.[1])

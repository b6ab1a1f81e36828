// The simulator's mails: only to inboxes of domains that are marked for it, one for each wait.
import { expect, it } from 'vitest'
import { simulateMails } from '../../src/supply/simulator/mails.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const server = await testServer()
const { app, db } = server
const { accountId } = await testCustomer(db, { credit: '100' })
const simulate = () => simulateMails(db, app.messages.receiveMail, app.now(), 3)

it('answers an inbox of the demo after some seconds, and each reorder once', async () => {
  const domains = ['inbox.example.com']
  const order = await buyOne(app, {
    accountId,
    domains,
    site: 'whatsapp.com',
    subject: 'SECRET <b>',
  })
  const real = await buyOne(app, { accountId, domains: [await ownDomain(db)] })
  expect(await simulate()).toBe(0)
  server.advance(3)
  expect(await simulate()).toBe(1)
  expect(await simulate()).toBe(0)
  const [first] = await app.messages.of(order.id)
  expect(first).toMatchObject({
    sender: 'WhatsApp <noreply@whatsapp.com>',
    subject: 'SECRET <b>',
    code: expect.stringMatching(/^\d{6}$/),
    html: expect.stringContaining('<h1>'),
  })
  expect(await app.orders.read(accountId, order.id)).toMatchObject({ code: first?.code })
  await app.inboxes.reorder({ accountId, id: order.id, once: null })
  expect(await simulate()).toBe(1)
  expect(await simulate()).toBe(0)
  expect(await app.messages.of(order.id)).toHaveLength(2)
  expect(await app.messages.of(real.id)).toEqual([])
})

// S2: texts that are made to be a burden do not hold up the server, however many come together.
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { longestTurnMs } from '../harness/busy.ts'
import { call, testServer, testSupplier } from '../harness/server.ts'

const server = await testServer({ template: 'catalog' })
const { secret } = await testSupplier(server.db)
/** The goal is 50 ms. */
const maxTurnMs = 500
const textsAtOnce = attempts(20, 60)

const shapes = {
  cells: '<td></td>',
  'codes over codes': 'code 123456 ',
  'spaces and tags': '<a> </a>  ',
  'marks on marks': 'Z\u0351\u036b',
  'forms that grow': '\ufdfa',
  references: '&#1;',
  'telephone numbers': '+1 555 0100 ',
  'Arabic digits': '\u0661\u0662\u0663 ',
  stars: '** **x',
  'letters and digits': 'A1B2 ',
}

describe('S2: long texts of a supplier', () => {
  for (const [name, unit] of Object.entries(shapes))
    it(`of ${name} are stored, and nobody waits for them`, { timeout: 300_000 }, async () => {
      const text = unit.repeat(Math.floor(19_000 / unit.length))
      let sent = 0
      const post = async () => {
        const id = `${name} ${++sent}`
        const message = { id, number: '+15550100', sender: 'Ex', sms: `${id} ${text}` }
        const body = { event: 'incoming_message', message }
        return (await call(server, secret, 'POST', '/api/callback', body)).status
      }
      const turnMs = await longestTurnMs(async () => {
        const statuses = await Promise.all(Array.from({ length: textsAtOnce }, post))
        expect(new Set(statuses)).toEqual(new Set([200]))
      })
      expect(turnMs).toBeLessThan(maxTurnMs)
    })
})

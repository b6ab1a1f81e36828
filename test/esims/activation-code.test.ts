// Which texts are activation codes: the form of SGP.22, 4.1, and vouchers.
import { describe, expect, it } from 'vitest'
import { activationCodeProblem, identityOf, partsOf } from '../../src/core/esims/esim.ts'

const host = 'SMDP.EXAMPLE.COM'
const id = '04386-AGYFT-A74Y8-3F815'

describe('an activation code', () => {
  it.each([
    `LPA:1$${host}$${id}`,
    `LPA:1$${host.toLowerCase()}$${id}`,
    `LPA:1$${host}$${id}$1.3.6.1.4.1.31746`,
    `LPA:1$${host}$${id}$1.3.6.1.4.1.31746$1`,
    `LPA:1$${host}$${id}$$1`,
    `LPA:1$${host}$${'A'.repeat(255 - 3 - host.length)}`,
    'LPA:1$a.b$X',
    'SIM-1234567890',
    'SIM-ABC123',
    `SIM-${'Z'.repeat(32)}`,
  ])('may be %s', (text) => {
    expect(activationCodeProblem(text)).toBeNull()
  })

  it.each([
    '',
    'LPA:',
    `1$${host}$${id}`,
    `lpa:1$${host}$${id}`,
    `LPA:2$${host}$${id}`,
    `LPA:1$${host}`,
    `LPA:1$${host}$`,
    `LPA:1$${host}$$1.3.6.1.4.1.31746`,
    `LPA:1$$${id}`,
    `LPA:1$smdp$${id}`,
    `LPA:1$-a.example$${id}`,
    `LPA:1$a..example$${id}`,
    `LPA:1$${'a'.repeat(64)}.example$${id}`,
    `LPA:1$smdp.exämple$${id}`,
    `LPA:1$https://smdp.example$${id}`,
    `LPA:1$${host}$${id.toLowerCase()}`,
    `LPA:1$${host}$${id} `,
    `LPA:1$${host}$A_B`,
    `LPA:1$${host}$${id}$`,
    `LPA:1$${host}$${id}$3.x`,
    `LPA:1$${host}$${id}$1.03`,
    `LPA:1$${host}$${id}$$`,
    `LPA:1$${host}$${id}$$0`,
    `LPA:1$${host}$${id}$$1$`,
    `LPA:1$${host}$${'A'.repeat(256 - 3 - host.length)}`,
    'SIM-12345',
    'SIM-abcdef',
    `SIM-${'Z'.repeat(33)}`,
    'SIM-123456\n',
    '12345678',
  ])('is never %j', (text) => {
    expect(activationCodeProblem(text)).toMatch(/^(?:is|has|does|ends) /)
  })

  it('is taken apart for phones that want it typed in', () => {
    expect(partsOf(`LPA:1$${host}$${id}$$1`)).toEqual({
      smdpAddress: host,
      matchingId: id,
      asksConfirmation: true,
    })
    expect(partsOf(`LPA:1$${host}$${id}`)).toMatchObject({ asksConfirmation: false })
    expect(partsOf('SIM-123456')).toEqual({
      smdpAddress: null,
      matchingId: null,
      asksConfirmation: null,
    })
  })

  it('is the same one however its server is spelt, and whatever follows', () => {
    const same = [`LPA:1$${host}$${id}`, `LPA:1$${host.toLowerCase()}$${id}$$1`]
    expect(new Set(same.map(identityOf)).size).toBe(1)
    expect(identityOf(`LPA:1$${host}$X`)).not.toBe(identityOf(`LPA:1$other.example$X`))
  })
})

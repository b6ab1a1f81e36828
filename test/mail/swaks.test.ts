// Mail by swaks, a sender that many operators test their servers with (the Debian package `swaks`).
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { testMailServer } from '../harness/mail.ts'
import { canRunCommand } from '../harness/programs.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const canRun =
  canRunCommand('swaks --version', 'swaks', 'its deliveries') &&
  canRunCommand('perl -MNet::SSLeay -e 1', 'libnet-ssleay-perl', 'deliveries by swaks')

type Outcome = { readonly code: number | null; readonly output: string }

describe.skipIf(!canRun)('swaks', async () => {
  if (!canRun) return
  const server = await testServer({ template: 'catalog' })
  const { app, db } = server
  const mail = await testMailServer(server)
  const { accountId } = await testCustomer(db, { credit: '10' })
  const domain = await ownDomain(db)

  function swaks(...args: string[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const child = spawn('swaks', ['--server', '127.0.0.1', '--port', String(mail.port), ...args])
      let output = ''
      child.stdout.on('data', (chunk) => {
        output += chunk
      })
      child.stderr.on('data', (chunk) => {
        output += chunk
      })
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, output }))
    })
  }

  it('delivers over STARTTLS and without', async () => {
    for (const tls of [['--tls'], []]) {
      const order = await buyOne(app, { accountId, domains: [domain] })
      const { code, output } = await swaks(
        ...tls,
        ...['--from', 'noreply@example.com', '--to', order.email, '--header', 'Subject: Swaks'],
        ...['--body', 'Your verification code is 559920.'],
      )
      expect(code, output).toBe(0)
      expect(output).toContain('250 2.6.0 Stored')
      expect(output.includes('TLS started')).toBe(tls.length > 0)
      expect(await app.messages.of(order.id)).toMatchObject([{ subject: 'Swaks', code: '559920' }])
    }
  })

  it('is told who is not here', async () => {
    const { code, output } = await swaks('--from', 'a@example.com', '--to', `nobody@${domain}`)
    expect(output).toContain('550 5.1.1 There is no such inbox here')
    expect(code).toBe(24)
  })
})

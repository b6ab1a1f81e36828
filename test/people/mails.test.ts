// Mails to users over a real SMTP server: what it refuses, leaves unanswered or does not protect, and a
// process that dies while it sends.
import { spawn } from 'node:child_process'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { queueMail } from '../../src/core/people/mails.ts'
import { needsTls } from '../../src/mail/carrier.ts'
import { openMailer } from '../../src/mail/mailer.ts'
import { verdictOn } from '../../src/mail/outcomes.ts'
import { selfSigned } from '../../src/supply/smtp/certificate.ts'
import { openTroubles } from '../../src/trouble.ts'
import { testUser } from '../harness/people.ts'
import { call, testServer } from '../harness/server.ts'

type Step = 'connect' | 'mail' | 'rcpt' | 'data'
/** What the mail server does at a step. */
type Act = 'accept' | 'silence' | { readonly code: number } | ((goOn: () => void) => void)

const refusal = (code: number) =>
  Object.assign(new Error(`no, not user@example.com (${code})`), { responseCode: code })

/** A mail server that does what it is told to. */
async function receiver(options: SMTPServerOptions = {}) {
  const plan: Partial<Record<Step, Act>> = {}
  const taken: string[] = []
  const act = (step: Step, done: (error?: Error | null) => void) => {
    const what = plan[step] ?? 'accept'
    if (what === 'silence') return
    if (typeof what === 'function') return what(() => done(null))
    done(what === 'accept' ? null : refusal(what.code))
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 10,
    onConnect: (_, done) => act('connect', done),
    onMailFrom: (_address, _session, done) => act('mail', done),
    onRcptTo: (_address, _session, done) => act('rcpt', done),
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (chunk) => {
        text += chunk
      })
      stream.on('end', () => {
        const what = plan.data ?? 'accept'
        if (typeof what !== 'object') taken.push(text)
        act('data', done)
      })
    },
    ...options,
  })
  server.on('error', () => {
    // Clients that break off are what is tested.
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  afterAll(() => new Promise<void>((done) => void server.close(done)))
  const { port } = server.server.address() as { port: number }
  return { plan, taken, port, url: `smtp://127.0.0.1:${port}` }
}

const origin = 'http://localhost:8080'
const hourS = 3600

describe('a mail to a user', async () => {
  const server = await testServer()
  const { db } = server
  beforeEach(() => db.query('delete from mails'))

  /** How long a mailer waits for an answer that comes; and for one that never does. */
  const generousMs = 60_000
  const silenceMs = 1_500

  /** A mailer with its log. */
  function mailer(url: string, waitMs = generousMs) {
    const lines: string[] = []
    const memory = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    })
    const log = pino({ level: 'debug' }, memory)
    const troubles = openTroubles(log)
    const config = toConfig({ NUMLET_MAIL_URL: url })
    const patience = { connectMs: waitMs, answerMs: waitMs }
    const opened = openMailer({ config, db, log, troubles, patience })
    return {
      send: () => opened.send(server.app.now(), 'Numlet'),
      count: (outcome: string) => new Map<string, number>(opened.counts.all()).get(outcome),
      log() {
        troubles.close()
        return lines.join('')
      },
      close: opened.close,
    }
  }

  const resetMail = async () => {
    const { email } = await testUser(server)
    await queueMail(db, server.app.now(), { kind: 'reset', email, origin })
    return email
  }
  const waiting = async () =>
    await db.query<{ waitS: number; attempts: number }>(
      `select extract(epoch from due_at - $1)::int as "waitS", attempts from mails order by id`,
      [server.app.now()],
    )

  it('is sent once, with text and HTML, and is then forgotten', async () => {
    const target = await receiver()
    const own = mailer(target.url)
    const email = await resetMail()
    expect(await own.send()).toBe(1)
    expect(await own.send()).toBe(0)
    const [mail = ''] = target.taken
    expect(target.taken).toHaveLength(1)
    expect(mail).toContain(`To: ${email}`)
    expect(mail).toMatch(/Content-Type: text\/plain.*Content-Type: text\/html/s)
    expect(own.count('sent')).toBe(1)
    expect(await waiting()).toEqual([])
    own.close()
  })

  it.each<[Step, number]>([
    ['connect', 421],
    ['mail', 451],
    ['rcpt', 450],
    ['data', 452],
    ['mail', 550],
  ])('that is refused for now (%s: %i) is tried again, later each time', async (step, code) => {
    const target = await receiver()
    const own = mailer(target.url)
    const email = await resetMail()
    target.plan[step] = { code }
    let lastS = 0
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await own.send()).toBe(1)
      const [mail] = await waiting()
      expect(mail).toMatchObject({ attempts: attempt })
      expect(mail?.waitS).toBeGreaterThan(lastS)
      expect(await own.send()).toBe(0)
      lastS = mail?.waitS ?? 0
      server.advance(lastS)
    }
    expect(own.count('postponed')).toBe(5)
    target.plan[step] = 'accept'
    expect(await own.send()).toBe(1)
    expect(target.taken).toHaveLength(1)
    expect(own.log()).not.toContain(email)
    expect(own.log()).not.toContain('user@example.com')
    own.close()
  })

  it('is given up after about two days, and the operator is told', async () => {
    const target = await receiver()
    const own = mailer(target.url)
    await resetMail()
    target.plan.rcpt = { code: 450 }
    let hours = 0
    while ((await own.send()) > 0) {
      server.advance(7 * hourS)
      hours += 7
      expect(hours).toBeLessThan(7 * 20)
    }
    expect(await waiting()).toEqual([])
    expect(own.count('given_up')).toBe(1)
    expect(own.log()).toContain('a mail was given up')
    own.close()
  })

  it.each<[Step, number]>([
    ['rcpt', 550],
    ['data', 554],
  ])(
    'that is refused for good (%s: %i) is given up, and the operator is told',
    async (step, code) => {
      const target = await receiver()
      const own = mailer(target.url)
      const email = await resetMail()
      target.plan[step] = { code }
      expect(await own.send()).toBe(1)
      expect(await waiting()).toEqual([])
      expect(own.count('refused')).toBe(1)
      expect(own.log()).toContain('a mail was refused by its mail server')
      expect(own.log()).not.toContain(email)
      expect(own.log()).not.toContain('user@example.com')
      own.close()
    },
  )

  it.each<Step>(['connect', 'mail', 'rcpt'])(
    'is tried again after silence (%s), and one silence holds up a round once',
    async (step) => {
      const target = await receiver()
      const own = mailer(target.url, silenceMs)
      await resetMail()
      await resetMail()
      await resetMail()
      target.plan[step] = 'silence'
      expect(await own.send()).toBe(3)
      // The two others were not tried, and have all their attempts left.
      expect((await waiting()).map(({ attempts }) => attempts)).toEqual([1, 0, 0])
      expect(own.count('postponed')).toBe(1)
      target.plan[step] = 'accept'
      server.advance(60)
      const patient = mailer(target.url)
      expect(await patient.send()).toBe(3)
      expect(target.taken).toHaveLength(3)
      own.close()
      patient.close()
    },
  )

  it('is not sent again after silence at its end, when it may have arrived', async () => {
    const target = await receiver()
    const own = mailer(target.url, silenceMs)
    const email = await resetMail()
    target.plan.data = 'silence'
    expect(await own.send()).toBe(1)
    expect(target.taken).toHaveLength(1)
    expect(await waiting()).toEqual([])
    expect(own.count('unknown')).toBe(1)
    expect(own.log()).toContain('it is not known whether mails were sent')
    expect(own.log()).not.toContain(email)
    own.close()
  })

  it('is sent over TLS or not at all where TLS is required, to a server that is known', async () => {
    const plain = await receiver()
    const hostile = await receiver({
      disabledCommands: [],
      ...selfSigned('mail.example.com', server.app.now()),
    })
    for (const [target, options] of [
      [plain, '?requireTLS=true'],
      [hostile, '?requireTLS=true'],
      [hostile, ''],
    ] as const) {
      await db.query('delete from mails')
      await resetMail()
      const own = mailer(target.url + options)
      expect(await own.send()).toBe(1)
      expect(target.taken).toEqual([])
      expect(own.count('postponed')).toBe(1)
      own.close()
    }
    const trusting = mailer(`${hostile.url}?requireTLS=true&tls.rejectUnauthorized=false`)
    server.advance(60)
    expect(await trusting.send()).toBe(1)
    expect(hostile.taken).toHaveLength(1)
    trusting.close()
  })

  it.each([
    ['smtp://user:secret@mail.example.com:587', true],
    ['smtp://192.0.2.7', true],
    ['smtp://mail.example.com?ignoreTLS=true', false],
    ['smtp://mail.example.com?requireTLS=false', false],
    ['smtp://127.0.0.1:1025', false],
    ['smtp://localhost:1025', false],
    ['smtp://[::1]:1025', false],
    ['smtp://localhost.example.com', true],
  ])('needs TLS by %s: %s', (url, isNeeded) => {
    expect(needsTls(url)).toBe(isNeeded)
  })

  it('is sent by one of many nodes', async () => {
    const target = await receiver()
    const nodes = Array.from({ length: 4 }, () => mailer(target.url))
    for (let i = 0; i < 30; i++) await resetMail()
    for (let round = 0; round < 3; round++) await Promise.all(nodes.map((node) => node.send()))
    expect(target.taken).toHaveLength(30)
    expect(new Set(target.taken.map((mail) => /^Message-ID: .*/im.exec(mail)?.[0])).size).toBe(30)
    for (const node of nodes) node.close()
  })

  it('that a slow node lost to another is not sent by both', async () => {
    const target = await receiver()
    const [slow, fast] = [mailer(target.url), mailer(target.url)]
    await resetMail()
    // The slow one hangs before the mail is handed over, until its claim is over.
    let first: Promise<number> | undefined
    const goOn = await new Promise<() => void>((reached) => {
      target.plan.connect = reached
      first = slow.send()
    })
    target.plan.connect = 'accept'
    server.advance(121)
    expect(await fast.send()).toBe(1)
    goOn()
    await first
    server.advance(hourS)
    await slow.send()
    expect(target.taken).toHaveLength(1)
    slow.close()
    fast.close()
  })

  describe('of a process that is killed', () => {
    /** Sends in a process of its own that is killed when the mail server reaches a step. */
    async function killedAt(step: Step) {
      const target = await receiver()
      const file = fileURLToPath(new URL('mailer-process.ts', import.meta.url))
      const { PATH } = process.env
      const child = spawn(process.execPath, [file], {
        env: {
          ...{ PATH, DATABASE: server.databaseUrl, MAIL_URL: target.url },
          NOW: server.app.now().toISOString(),
        },
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk
        })
      target.plan[step] = () => void child.kill('SIGKILL')
      const signal = await new Promise((done) => child.on('exit', (_, by) => done(by)))
      expect(signal).toBe('SIGKILL')
      target.plan[step] = 'accept'
      return { target, output }
    }

    it('before its end is sent again, once', async () => {
      const email = await resetMail()
      const { target, output } = await killedAt('rcpt')
      expect(target.taken).toEqual([])
      const own = mailer(target.url)
      server.advance(hourS)
      expect(await own.send()).toBe(1)
      expect(await own.send()).toBe(0)
      expect(target.taken).toHaveLength(1)
      expect(output).not.toContain(email)
      own.close()
    })

    it('at its end, when it may have arrived, is not', async () => {
      await resetMail()
      const { target } = await killedAt('data')
      expect(target.taken).toHaveLength(1)
      const own = mailer(target.url)
      server.advance(hourS)
      expect(await own.send()).toBe(1)
      expect(target.taken).toHaveLength(1)
      expect(await waiting()).toEqual([])
      expect(own.count('unknown')).toBe(1)
      expect(own.log()).toContain('the process that sent them ended')
      own.close()
    })
  })

  it('is counted for the operator', async () => {
    const metrics = await call<string>(server, null, 'GET', '/metrics')
    for (const outcome of ['sent', 'postponed', 'refused', 'given_up', 'unknown'])
      expect(String(metrics.body)).toContain(`numlet_user_mails_total{outcome="${outcome}"}`)
  })
})

it('a password that the mail server refuses is no fault of the mail', () => {
  const failed = { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }
  expect(verdictOn(failed, false)).toBe('postponed')
})

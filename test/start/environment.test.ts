// B2 and B6: what the environment may say, what it may not, and what does not concern us at all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { run } from '../cli/program.ts'
import { root } from '../tidy/files.ts'
import { newDataDir, startNumlet } from './program.ts'

/** Every variable that libpq and the driver know, each with a value that would break a connection. */
const foreign = {
  PGHOST: '192.0.2.1',
  PGHOSTADDR: '192.0.2.1',
  PGPORT: '1',
  PGUSER: 'nobody',
  PGPASSWORD: 'wrong',
  PGPASSFILE: '/nonexistent/pgpass',
  PGDATABASE: 'nothing',
  PGSERVICE: 'nothing',
  PGSERVICEFILE: '/nonexistent/service',
  PGSYSCONFDIR: '/nonexistent',
  PGOPTIONS: '-c no_such_setting=1',
  PGSSLMODE: 'require',
  PGREQUIRESSL: '1',
  PGSSLROOTCERT: '/nonexistent/root.crt',
  PGSSLCERT: '/nonexistent/client.crt',
  PGSSLKEY: '/nonexistent/client.key',
  PGSSLNEGOTIATION: 'direct',
  PGREQUIREAUTH: 'none',
  PGCHANNELBINDING: 'require',
  PGGSSENCMODE: 'require',
  PGTARGETSESSIONATTRS: 'standby',
  PGCONNECT_TIMEOUT: '0.001',
  PGCLIENTENCODING: 'SQL_ASCII',
  PGCLIENT_ENCODING: 'EUC_JP',
  PGDATESTYLE: 'German',
  PGTZ: 'Nowhere/Nothing',
  PGGEQO: 'off',
  PGAPPNAME: 'numlet owner 1',
  PGBINARY: '1',
  PGREPLICATION: 'database',
  PGDATA: '/nonexistent/data',
  TZ: 'Nowhere/Nothing',
  LANG: 'xx_YY.UTF-8',
  LC_ALL: 'xx_YY.UTF-8',
  LC_MESSAGES: 'xx_YY',
}

describe('B2: variables meant for another PostgreSQL or another machine', () => {
  it('change nothing: the first start serves, stops, and commands work', async () => {
    const env = { ...foreign, NUMLET_DATA: await newDataDir(), NUMLET_DRAIN_S: '0' }
    const start = startNumlet(env)
    await start.ready()
    const list = await run(['accounts', 'list', '--json'], env)
    expect(list).toMatchObject({ code: 0, stderr: '' })
    start.child.kill('SIGTERM')
    expect(await start.ended, start.output()).toBe(0)
    expect(await run(['audit', '--json'], env)).toMatchObject({ code: 0 })
  })
})

describe('B6: unknown variables', () => {
  it('stop a start, which names each of them and what may have been meant', async () => {
    const advice = {
      NUMLET_TYPO: 'docs/operating.md lists them all',
      NUMLET_SMTPPORT: 'did you mean NUMLET_SMTP_PORT?',
      NUMLET_RATELIMIT: 'did you mean NUMLET_RATE_LIMIT?',
      NUMLET_DATABASE_URL: 'did you mean DATABASE_URL?',
      NUMLET_STRIPE_KEYS: 'did you mean NUMLET_STRIPE_KEY?',
      numlet_demo: 'did you mean NUMLET_DEMO?',
    }
    const wrong = Object.fromEntries(Object.keys(advice).map((name) => [name, '1']))
    const start = startNumlet({ NUMLET_DATA: await newDataDir(), ...wrong })
    expect(await start.ended).toBe(1)
    for (const [name, words] of Object.entries(advice))
      expect(start.output()).toContain(`  ${name} is not a variable of Numlet: ${words}`)
  })

  it('stop a start also one by one', async () => {
    const start = startNumlet({ NUMLET_DATA: await newDataDir(), NUMLET_TYPO: '1' })
    expect(await start.ended).toBe(1)
    expect(start.output()).toContain('  NUMLET_TYPO is not a variable of Numlet')
  })

  it('are listed together with every wrong value', () => {
    const wrong = { NUMLET_TYPO: '1', PORT: 'x', NUMLET_DRAIN_S: '-1', NUMLET_METRICS_PORT: 'off' }
    for (const name of Object.keys(wrong)) expect(() => toConfig(wrong)).toThrow(name)
  })

  it('of our own tests and tools concern no server', () => {
    const tools = { NUMLET_TEST_DATABASE_URL: 'x', NUMLET_BENCH_SCALE: '1', NUMLET_GUARD_FD: '3' }
    expect(toConfig(tools).port).toBe(8080)
  })

  it('do not include any that the guide names', () => {
    const guide = ['operating.md', 'payments.md'].map((file) =>
      readFileSync(join(root, 'docs', file), 'utf8'),
    )
    const named = new Set(guide.join('\n').match(/NUMLET_[A-Z_]+[A-Z](?![A-Z_*])/g))
    expect(named.size).toBeGreaterThan(25)
    const unknown = [...named].filter((name) => {
      try {
        toConfig({ [name]: '\u0000' })
      } catch (error) {
        return String(error).includes(`${name} is not a variable`)
      }
      return false
    })
    expect(unknown).toEqual([])
  })
})

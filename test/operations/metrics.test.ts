// Metrics that answer an operator's questions, and the board and the alerts that are made of them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { countTotals, readOrderTotals } from '../../src/core/orders/totals.ts'
import { kept } from '../../src/http/platform-metrics.ts'
import { startJobs } from '../../src/jobs/schedule.ts'
import { eventually } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')

const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
const { key } = await testCustomer(server.db)
const { secret } = await testSupplier(server.db, 'farm')
const scrape = async (from = server) => (await call<string>(from, null, 'GET', '/metrics')).body

type Order = { id: string; phone: string; state: string; service: string }
const buy = async () =>
  (await call<Order>(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }))
    .body
const deliver = (phone: string, sms: string) =>
  call(server, secret, 'POST', '/api/callback', {
    event: 'incoming_message',
    message: { number: phone, sender: 'WhatsApp', sms },
  })

/** The value of a sample. @throws if it is not there */
function sampleOf(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  if (line === undefined) throw new Error(`${name} is not there`)
  return Number(line.slice(name.length + 1))
}

/** The names of all metrics, also of those without samples. */
const namesIn = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = '', kind]) =>
      kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )

it('counts orders, codes, messages, stock and money of the platform, each once', async () => {
  const [first, second, third] = [await buy(), await buy(), await buy()]
  server.advance(7)
  expect((await deliver(first.phone, 'Your WhatsApp code: 482-913')).status).toBe(200)
  await deliver(first.phone, 'Your WhatsApp code: 482-913')
  server.advance(60)
  await deliver(first.phone, 'Your WhatsApp code: 551-204')
  await deliver('+12015550199', 'hello')
  await call(server, key, 'POST', `/v1/orders/${second.id}/cancel`)
  // Other tests' open transactions hold the events up.
  await eventually(async () => {
    await countTotals(server.db)
    const totals = await readOrderTotals(server.db)
    return totals.find(({ outcome }) => outcome === 'refunded')
  })

  const text = await scrape()
  const orders = (outcome: string) =>
    sampleOf(text, `numlet_orders_total{kind="activation",service="whatsapp",outcome="${outcome}"}`)
  expect(orders('created')).toBe(3)
  expect(orders('code')).toBe(1)
  expect(orders('cancelled')).toBe(1)
  expect(orders('refunded')).toBe(1)
  expect(third.state).toBe('waiting')
  const seconds = 'numlet_order_code_seconds'
  expect(sampleOf(text, `${seconds}_bucket{kind="activation",le="5"}`)).toBe(0)
  expect(sampleOf(text, `${seconds}_bucket{kind="activation",le="10"}`)).toBe(1)
  expect(sampleOf(text, `${seconds}_bucket{kind="activation",le="+Inf"}`)).toBe(1)
  expect(sampleOf(text, `${seconds}_sum{kind="activation"}`)).toBe(7)
  const messages = (state: string) =>
    sampleOf(text, `numlet_messages_total{supplier="farm",channel="sms",state="${state}"}`)
  expect(messages('delivered')).toBe(2)
  expect(messages('duplicate')).toBe(1)
  expect(messages('unmatched')).toBe(1)
  expect(sampleOf(text, 'numlet_message_seconds_count{channel="sms"}')).toBe(3)

  const [ledger] = await server.db.query<{ hold: number; post: number; void: number }>(
    `select sum(amount) filter (where kind = 'hold')::float8 / 10000 as hold,
            sum(amount) filter (where kind = 'post')::float8 / 10000 as post,
            sum(amount) filter (where kind = 'void')::float8 / 10000 as void
       from transfers where currency = 'USD'`,
  )
  for (const [movement, amount] of Object.entries(ledger ?? {}))
    expect(sampleOf(text, `numlet_money_total{movement="${movement}",currency="USD"}`)).toBe(amount)
  const [stock] = await server.db.query<{ numbers: number }>(
    `select sum(remaining)::int as numbers from stock
      where for_sale and service_id = (select id from services where slug = 'whatsapp')`,
  )
  expect(sampleOf(text, 'numlet_stock_numbers{service="whatsapp"}')).toBe(stock?.numbers)
})

it('shows the jobs, the connections, the batches and the versions of the node', async () => {
  const { version } = JSON.parse(read('package.json'))
  const background = startJobs(server.app, [
    { name: 'good', everyMs: 5, run: async () => 0 },
    { name: 'bad', everyMs: 5, run: () => Promise.reject(new Error('on purpose')) },
  ])
  await eventually(async () => {
    const { jobs } = server.app.measured
    return (jobs.get('good')?.runs ?? 0) > 2 && (jobs.get('bad')?.runs ?? 0) > 0
  })
  await background.stop()
  const text = await scrape()
  expect(sampleOf(text, 'numlet_job_runs_total{job="good",result="success"}')).toBeGreaterThan(2)
  expect(sampleOf(text, 'numlet_job_runs_total{job="good",result="failure"}')).toBe(0)
  expect(sampleOf(text, 'numlet_job_runs_total{job="bad",result="failure"}')).toBeGreaterThan(0)
  expect(sampleOf(text, 'numlet_job_last_success_timestamp_seconds{job="good"}')).toBeCloseTo(
    server.app.now().getTime() / 1_000,
  )
  expect(text).not.toContain('numlet_job_last_success_timestamp_seconds{job="bad"}')
  const node = process.versions.node
  expect(sampleOf(text, `numlet_build_info{version="${version}",node="${node}"}`)).toBe(1)
  const last = readdirSync(`${root}src/db/migrations`).sort().at(-1)?.replace('.sql', '')
  expect(sampleOf(text, `numlet_schema_info{version="${last}"}`)).toBe(1)
  expect(
    sampleOf(text, 'numlet_database_connections{work="watch",state="idle"}'),
  ).toBeGreaterThanOrEqual(0)
  const calls = sampleOf(text, 'numlet_gathered_calls_total{work="purchases"}')
  expect(calls).toBeGreaterThan(0)
  expect(sampleOf(text, 'numlet_gathered_inputs_total{work="purchases"}')).toBeGreaterThanOrEqual(
    calls,
  )
  // Under the names that every dashboard knows.
  expect(sampleOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(sampleOf(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
})

it('reads what is costly once for all who ask, and not again at once', async () => {
  let reads = 0
  const gate = Promise.withResolvers<number>()
  const keep = kept(() => {
    reads++
    return gate.promise
  })
  const all = Promise.all([keep(), keep(), keep()])
  gate.resolve(7)
  expect(await all).toEqual([7, 7, 7])
  expect(await keep()).toBe(7)
  expect(reads).toBe(1)
})

describe('what is made of them', async () => {
  // Of its own server: what is costly to read is kept for a while.
  const names = namesIn(await scrape(await testServer({ template: 'catalog' })))
  const metric = /\b(?:numlet|process|nodejs)_[a-z_]+\b/g
  const unknown = (expressions: string) =>
    [...expressions.matchAll(metric)].map(([name]) => name).filter((name) => !names.has(name))
  const alerts = read('deploy/prometheus/alerts.yml')

  it('the board uses metrics that there are, and has a variable for its data source', () => {
    const board = JSON.parse(read('deploy/grafana/numlet.json'))
    type Panel = { type: string; title: string; targets?: { expr: string }[] }
    const panels = board.panels as Panel[]
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
    expect(rows).toEqual([
      ...['Customers', 'Orders', 'Messages', 'Money', 'Push', 'Database', 'Process'],
    ])
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(expressions.length).toBeGreaterThan(20)
    for (const expression of expressions) expect(unknown(expression), expression).toEqual([])
    expect(board.templating.list).toContainEqual(
      expect.objectContaining({ name: 'datasource', type: 'datasource', query: 'prometheus' }),
    )
    const sources = JSON.stringify(board.panels).match(/"uid":"[^"]*"/g) ?? []
    expect(new Set(sources)).toEqual(new Set([`"uid":"${'$'}{datasource}"`]))
  })

  it('the alerts use metrics that there are, and each says what to do', () => {
    expect(unknown(alerts.replace(/^\s*(?:summary|description|#).*$/gm, ''))).toEqual([])
    const count = (pattern: RegExp) => (alerts.match(pattern) ?? []).length
    expect(count(/- alert:/g)).toBeGreaterThan(10)
    expect(count(/summary:/g)).toBe(count(/- alert:/g))
    expect(count(/description:/g)).toBe(count(/- alert:/g))
  })

  it('the reference lists every metric of ours, and no other', () => {
    const listed = new Set(
      [...read('docs/metrics.md').matchAll(/^\| `(numlet_[a-z_]+)`/gm)].map(([, name]) => name),
    )
    const ours = [...names]
      .filter((name) => name.startsWith('numlet_') && !/_(?:bucket|count)$/.test(name))
      .map((name) => name.replace(/(?<=_seconds)_sum$/, ''))
    expect([...listed].sort()).toEqual([...new Set(ours)].sort())
  })

  const hasPromtool = canRunCommand('promtool --version', 'prometheus', 'the tests of alert rules')
  it.skipIf(!hasPromtool)('promtool accepts the alerts, and they fire when they should', () => {
    for (const args of [
      ['check', 'rules', 'alerts.yml'],
      ['test', 'rules', 'alerts-test.yml'],
    ]) {
      const ran = spawnSync('promtool', args, { cwd: `${root}deploy/prometheus`, encoding: 'utf8' })
      expect(`${ran.stdout}${ran.stderr}`).toContain('SUCCESS')
      expect(ran.status).toBe(0)
    }
  })
})

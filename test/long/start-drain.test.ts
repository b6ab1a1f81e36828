// NUMLET_DRAIN_S: after SIGTERM a server is not ready, serves on, and ends connections by its answers.
import { Agent, request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { eventually } from '../harness/program.ts'
import { ask, newDataDir, patienceMs, type Started, startNumlet } from '../start/program.ts'

const longDrainS = '600'

/** One call on a kept connection. @throws when it fails */
function callOn(agent: Agent, url: string, path: string) {
  return new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
    const sent = request(`${url}${path}`, { agent }, (response) => {
      const { statusCode = 0, headers } = response
      response.on('error', reject)
      response.on('end', () => resolve({ status: statusCode, connection: headers.connection }))
      response.resume()
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function drainingServer(drainS: string): Promise<{ start: Started; url: string }> {
  const start = startNumlet({
    NUMLET_DATA: await newDataDir(),
    NUMLET_DEMO: '0',
    NUMLET_DRAIN_S: drainS,
  })
  return { start, url: await start.ready() }
}

const notReady = (url: string) =>
  eventually(async () => {
    const ready = await ask(url, '/health/ready')
    return ready?.status === 503 && ready.text.includes('shutting down')
  }, patienceMs)

describe('the drain after SIGTERM', () => {
  it('fails no request of clients that keep their connections, and says that it is not ready', async () => {
    const { start, url } = await drainingServer(longDrainS)
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    let isOver = false
    const seen = { before: 0, told: 0, failed: [] as string[] }
    const client = async () => {
      while (!isOver) {
        try {
          const { status, connection } = await callOn(agent, url, '/health/live')
          if (status !== 200) seen.failed.push(`answer ${status}`)
          if (connection === 'close') seen.told++
          else seen.before++
        } catch (error) {
          seen.failed.push(String(error))
          isOver = true
        }
      }
    }
    const clients = Array.from({ length: 8 }, client)
    await eventually(async () => seen.before > 100, patienceMs)
    start.child.kill('SIGTERM')
    await notReady(url)
    await eventually(async () => seen.told > 100, patienceMs)
    // They leave while it still serves, as those do that a balancer sends elsewhere.
    isOver = true
    await Promise.all(clients)
    expect(seen.failed).toEqual([])
    start.child.kill('SIGINT')
    expect(await start.ended).toBe(0)
    agent.destroy()
  })

  it('lasts as long as NUMLET_DRAIN_S says', async () => {
    const { start } = await drainingServer('1')
    const askedAt = Date.now()
    start.child.kill('SIGTERM')
    expect(await start.ended).toBe(0)
    expect(Date.now() - askedAt).toBeGreaterThanOrEqual(1_000)
  })

  it('is ended by a second signal', async () => {
    for (const second of ['SIGTERM', 'SIGINT'] as const) {
      const { start, url } = await drainingServer(longDrainS)
      start.child.kill('SIGTERM')
      await notReady(url)
      start.child.kill(second)
      expect(await start.ended).toBe(0)
    }
  })

  it('is left out by SIGINT and SIGHUP, and where it is 0', async () => {
    for (const [signal, drainS] of [
      ['SIGINT', longDrainS],
      ['SIGHUP', longDrainS],
      ['SIGTERM', '0'],
    ] as const) {
      const { start } = await drainingServer(drainS)
      start.child.kill(signal)
      expect(await start.ended).toBe(0)
      expect(start.output()).not.toContain('Stopping in')
    }
  })

  it('is waited for by the next start on the same data', async () => {
    const dataDir = await newDataDir()
    const env = { NUMLET_DATA: dataDir, NUMLET_DEMO: '0', NUMLET_DRAIN_S: longDrainS }
    const first = startNumlet(env)
    const url = await first.ready()
    first.child.kill('SIGTERM')
    await notReady(url)
    const next = startNumlet({ ...env, PORT: new URL(url).port })
    await next.says(/waiting for its owner to stop/)
    first.child.kill('SIGINT')
    expect(await next.ready()).toBe(url)
    expect(await first.ended).toBe(0)
  })
})

it('B7: health and metrics are on NUMLET_METRICS_PORT, for servers and for workers', async () => {
  const env = { NUMLET_DATA: await newDataDir(), NUMLET_DEMO: '0', NUMLET_METRICS_PORT: '0' }
  for (const args of [['start'], ['work']]) {
    const start = startNumlet(env, { args })
    await start.says(/^(?:Numlet is ready on|The worker is running)/m)
    const [, url = ''] = await start.says(/^Health and metrics are on (http:\S+)$/m)
    expect(await ask(url, '/health/live')).toMatchObject({ status: 200 })
    expect(await ask(url, '/health/ready')).toMatchObject({ status: 200 })
    expect((await ask(url, '/metrics'))?.text).toContain('numlet_webhook_attempts_total')
    expect(await ask(url, '/v1/balance')).toMatchObject({ status: 404 })
    start.child.kill('SIGINT')
    expect(await start.ended).toBe(0)
  }
})

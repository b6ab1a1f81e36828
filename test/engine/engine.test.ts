// The engine with work of a test: what it claims, in which turns, how it judges and counts, how it stops.
import { afterAll, describe, expect, it } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/engine.ts'
import type { Ended, Lane, Work } from '../../src/engine/work.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

const server = await testServer()
const { app } = server

type Job = { owner: number; fast?: boolean; target?: string; guarded?: boolean }
const done: Ended = { outcome: 'done', answered: true }

/** Work on a list of jobs, each of which is done as it says. */
function listed(
  name: string,
  jobs: Job[],
  run: (job: Job, stopping: AbortSignal) => Promise<Ended> = async () => done,
  more: { pollMs?: number; hearsEvents?: boolean } = {},
) {
  const order: number[] = []
  const laneOf = ({ owner, fast, target, guarded }: Job): Lane & { job: Job } => ({
    ...{ kind: name, owner, isFast: fast ?? false, count: null, dueAt: app.now() },
    ...{ places: [[`owner ${owner}`, 2]], target: target ?? `${owner}`, isGuarded: !!guarded },
    job: { owner, fast, target, guarded },
  })
  const isSame = (one: Job, other: Job) => one.owner === other.owner && one.fast === other.fast
  const work: Work<ReturnType<typeof laneOf>> = {
    ...{ calls: name, kinds: [name], trouble: name, most: 6 },
    ...{ pollMs: 20, idleMs: 20, hearsEvents: false },
    async lanes() {
      const heads = jobs.filter((job, i) => jobs.findIndex((one) => isSame(one, job)) === i)
      return heads.map(laneOf)
    },
    async claim(_now, wanted, begin) {
      for (const { lane, count } of wanted)
        for (let n = 0; n < count; n++) {
          const at = jobs.findIndex((one) => isSame(one, lane.job))
          const [job] = at < 0 ? [] : jobs.splice(at, 1)
          if (!job) break
          order.push(job.owner)
          begin({ lane, who: name, call: (stopping) => run(job, stopping) })
        }
    },
    ...more,
  }
  return { work, jobs, order }
}

const engines: Engine[] = []
const opened = (...works: Work[]) => {
  const engine = openEngine(app, works)
  engines.push(engine)
  return engine
}
afterAll(() => Promise.all(engines.map((one) => one.stop())))

const untilDone = async (engine: Engine) => {
  while ((await engine.turn()) > 0) await engine.idle()
}

describe('turns', () => {
  it('are taken by owners, with no more pieces at once than there are places', async () => {
    let atOnce = 0
    let most = 0
    const jobs = [1, 1, 1, 1, 2, 2, 2, 3, 4, 5].map((owner) => ({ owner }))
    const { work, order } = listed('turns', jobs, async () => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce--
      return done
    })
    await untilDone(opened(work))
    expect(most).toBe(6)
    expect(new Set(order.slice(0, 6))).toEqual(new Set([1, 2, 3, 4, 5]))
    expect(order.toSorted()).toEqual([1, 1, 1, 1, 2, 2, 2, 3, 4, 5])
  })

  it('of one kind of work do not wait for those of another', async () => {
    const gate = Promise.withResolvers<Ended>()
    const slow = listed('slow', [{ owner: 1 }], () => gate.promise)
    const other = listed('other', [{ owner: 1 }, { owner: 1 }, { owner: 1 }])
    const engine = opened(slow.work, other.work)
    engine.start()
    await eventually(async () => other.jobs.length === 0)
    expect(app.measured.calls.of('slow').running).toBe(1)
    gate.resolve(done)
    await engine.stop()
  })

  it('are taken at once when this node has committed an event', async () => {
    const { key } = await testCustomer(server.db)
    const { jobs, work } = listed('heard', [], undefined, {
      ...{ pollMs: 60_000 },
      hearsEvents: true,
    })
    const engine = opened(work)
    engine.start()
    jobs.push({ owner: 1 })
    const wanted = { service: 'whatsapp', country: 'US' }
    await eventually(async () => {
      await call(server, key, 'POST', '/v1/orders', wanted)
      await app.events.tail.poll()
      return jobs.length === 0
    })
    await engine.stop()
  })
})

describe('what has failed', () => {
  it('leaves its place, is counted, and stops nothing else', async () => {
    const { work } = listed('failing', [{ owner: 1 }, { owner: 1 }, { owner: 2 }], async (job) => {
      if (job.owner === 1) throw new Error('broken')
      return { ...done, record: () => Promise.reject(new Error('not recorded')) }
    })
    await untilDone(opened(work))
    const { claimed, running, ended } = app.measured.calls.of('failing')
    expect({ claimed, running }).toEqual({ claimed: 3, running: 0 })
    expect([...ended]).toEqual(
      expect.arrayContaining([
        ['error', 2],
        ['done', 1],
      ]),
    )
  })

  it('while more was claimed does not hold up what is claimed already', async () => {
    const begun: number[] = []
    const { work } = listed('half', [{ owner: 1 }], async ({ owner }) => {
      begun.push(owner)
      return done
    })
    const engine = opened({
      ...work,
      async claim(now, wanted, begin) {
        await work.claim(now, wanted as never, begin)
        throw new Error('locked')
      },
    })
    await expect(engine.turn()).rejects.toThrow('locked')
    await engine.idle()
    expect(begun).toEqual([1])
  })
})

describe('a silent target', () => {
  it('is left alone after five calls, but by work that does not wait', async () => {
    const jobs: Job[] = Array.from({ length: 5 }, () => ({ owner: 1, target: 'x', guarded: true }))
    const { work, order } = listed('silent', jobs, async () => ({
      outcome: 'silent',
      answered: false,
    }))
    const engine = opened(work)
    await untilDone(engine)
    jobs.push({ owner: 1, target: 'x', guarded: true })
    await untilDone(engine)
    expect(order).toHaveLength(5)
    expect(app.measured.calls.silences.get('silent')?.(app.now())).toEqual({ paused: 1, tried: 0 })
    jobs.push({ owner: 2, target: 'x' })
    await untilDone(engine)
    expect(order).toHaveLength(6)
    server.advance(5)
    expect(app.measured.calls.silences.get('silent')?.(app.now())).toEqual({ paused: 0, tried: 1 })
    await untilDone(engine)
    expect(order).toHaveLength(7)
  })
})

describe('a stop', () => {
  it('claims nothing more, also of a turn that has begun, and waits for what runs', async () => {
    const lanes = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<Ended>()
    const { work, jobs } = listed('stopped', [{ owner: 1 }], () => gate.promise)
    let isSlow = false
    const looking = Promise.withResolvers<void>()
    const engine = opened({
      ...work,
      async lanes(now) {
        if (isSlow) {
          looking.resolve()
          await lanes.promise
        }
        return work.lanes(now)
      },
    } as Work)
    engine.start()
    await eventually(async () => jobs.length === 0)
    isSlow = true
    jobs.push({ owner: 2 })
    await looking.promise
    let isStopped = false
    const stopped = engine.stop().then(() => {
      isStopped = true
    })
    lanes.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(isStopped).toBe(false)
    gate.resolve(done)
    await stopped
    expect(jobs).toHaveLength(1)
  })

  it('tells what has no end of its own, which gives back what it has', async () => {
    const { work, jobs } = listed('endless', [{ owner: 1 }], (_job, stopping) => {
      const ended = Promise.withResolvers<Ended>()
      stopping.addEventListener('abort', () =>
        ended.resolve({ outcome: 'given back', answered: null }),
      )
      return ended.promise
    })
    const engine = opened(work)
    engine.start()
    await eventually(async () => jobs.length === 0)
    await engine.stop()
    expect([...app.measured.calls.of('endless').ended]).toEqual([['given back', 1]])
  })
})

it('the metrics say what was claimed, runs, has ended, is late and silent', async () => {
  const gate = Promise.withResolvers<Ended>()
  const due = app.now()
  const { work } = listed('shown', [{ owner: 1 }], () => gate.promise)
  const engine = opened(work)
  await engine.turn()
  server.advance(7)
  const { body } = await call<string>(server, null, 'GET', '/metrics')
  expect(body).toContain('numlet_calls_claimed_total{work="shown"} 1')
  expect(body).toContain('numlet_calls_running{work="shown"} 1')
  const lag = Number(/numlet_calls_lag_seconds\{work="shown"\} (\S+)/.exec(body)?.[1])
  expect(lag).toBeGreaterThanOrEqual(7)
  expect(lag).toBeLessThanOrEqual((app.now().getTime() - due.getTime()) / 1_000)
  expect(body).toContain('numlet_calls_silent_targets{calls="shown",state="paused"} 0')
  gate.resolve(done)
  await untilDone(engine)
  const later = (await call<string>(server, null, 'GET', '/metrics')).body
  expect(later).toContain('numlet_calls_ended_total{work="shown",outcome="done"} 1')
  expect(later).toContain('numlet_calls_running{work="shown"} 0')
  expect(later).toContain('numlet_calls_lag_seconds{work="shown"} 0')
})

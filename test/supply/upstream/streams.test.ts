// Streams of events: the text in any pieces, broken connections, and those of a real Numlet.
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { eventReader, followEvents, type StreamEvent } from '../../../src/supply/event-stream.ts'
import { numletKind } from '../../../src/supply/numlet/kind.ts'
import type { HttpRequest, Upstream } from '../../../src/supply/upstream.ts'
import { call, testCustomer, testServer } from '../../harness/server.ts'

const upstream = numletKind.upstream as Upstream

describe('the text of a stream', () => {
  const eventsIn = (...pieces: readonly string[]) => {
    const reader = eventReader()
    return pieces.flatMap((piece) => reader.read(piece))
  }

  it('is read by its lines', () => {
    const text =
      ': hello\n\nid: 1\nevent: a\ndata: {"x":1}\n\nid:2\r\ndata:a\r\ndata\r\ndata:  b\r\n\r\n'
    expect(eventsIn(`${text}data: c\n\nid: \u0000\ndata: d\n\ndata: never ends`)).toEqual([
      { id: '1', data: '{"x":1}' },
      { id: '2', data: 'a\n\n b' },
      { id: '2', data: 'c' },
      { id: '2', data: 'd' },
    ])
    expect(eventsIn('data: a\r\rdata: b\n\n')).toEqual([
      { id: null, data: 'a' },
      { id: null, data: 'b' },
    ])
  })

  it('is the same in any pieces', () => {
    const line = fc.oneof(
      fc.constantFrom('', ':', 'id: 7', 'data: x', 'data', 'data: a:b', 'event: e', 'retry: 5'),
      fc.string({ maxLength: 6 }),
    )
    const end = fc.constantFrom('\n', '\r\n', '\r')
    const text = fc
      .array(fc.tuple(line, end), { maxLength: 20 })
      .map((lines) => `${lines.flat().join('')}\n\n`)
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const places = [0, ...cuts.filter((at) => at < whole.length).sort((a, b) => a - b)]
        const pieces = places.map((at, i) => whole.slice(at, places[i + 1] ?? whole.length))
        expect(eventsIn(...pieces)).toEqual(eventsIn(whole))
      }),
    )
  })
})

describe('a stream', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections()
      server.close()
    }
  })

  const serving = async (answer: RequestListener): Promise<HttpRequest> => {
    const server = createServer(answer)
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} }
  }
  const follow = async (request: HttpRequest, idleMs = 60_000, stop = new AbortController()) => {
    const events: StreamEvent[] = []
    const heard = (event: StreamEvent) => {
      events.push(event)
      if (event.data === 'stop') stop.abort()
    }
    const now = () => new Date('2026-03-14T09:26:53Z')
    const ended = await followEvents(request, { idleMs, signal: stop.signal, now, heard })
    return { events, ended }
  }
  const writing = (text: string, then: (response: ServerResponse) => void) =>
    serving((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(text, () => then(response))
    })

  it('hands over its events until it ends', async () => {
    const whole = await writing('id: 1\ndata: a\n\n', (response) => response.end('data: b\n\n'))
    expect(await follow(whole)).toEqual({
      events: [
        { id: '1', data: 'a' },
        { id: '1', data: 'b' },
      ],
      ended: { kind: 'no_answer', why: 'the stream ended' },
    })
    const reset = await writing('data: a\n\n', (response) => response.socket?.resetAndDestroy())
    expect((await follow(reset)).ended).toMatchObject({ kind: 'no_answer' })
    const stopped = await writing('data: stop\n\n', () => undefined)
    expect((await follow(stopped)).ended).toMatchObject({ kind: 'no_answer' })
  })

  it('ends if nothing comes, or an event has no end', async () => {
    const silent = await writing('data: a\n\n', () => undefined)
    expect(await follow(silent, 500)).toMatchObject({
      events: [{ data: 'a' }],
      ended: { kind: 'no_answer', why: 'the time was over' },
    })
    const endless = await writing('data: ', (response) => {
      const more = () => response.write('x'.repeat(1_000_000), (error) => error || more())
      more()
    })
    expect((await follow(endless)).ended).toEqual({
      kind: 'no_answer',
      why: 'the answer is too large',
    })
  })

  it('that is none is an answer', async () => {
    const refused = await serving((_request, response) => response.writeHead(401).end('no'))
    expect(await follow(refused)).toMatchObject({
      events: [],
      ended: { kind: 'answered', answer: { status: 401, body: 'no' } },
    })
    const nowhere = { method: 'GET', url: 'http://nowhere.invalid/', headers: {} } as const
    expect((await follow(nowhere)).ended).toEqual({ kind: 'not_sent', why: 'the host is unknown' })
  })
})

it('of a Numlet names the orders that changed, and continues where it ended', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const settings = { url: server.url, api_key: key }
  const buy = async () => {
    const wanted = { service: 'whatsapp', country: 'GB' }
    const { body } = await call<{ id: string }>(server, key, 'POST', '/v1/orders', wanted)
    return body.id
  }
  /** The orders that a stream names until it names one. */
  const named = async (after: string | null, last: () => Promise<string>) => {
    const request = upstream.stream(settings, after) ?? expect.unreachable()
    const refs: string[] = []
    const stop = new AbortController()
    let wanted: string | null = null
    let id: string | null = after
    const stopIfThere = () => wanted !== null && refs.includes(wanted) && stop.abort()
    const heard = (event: StreamEvent) => {
      refs.push(upstream.hintedRef(event.data) ?? 'none')
      id = event.id
      stopIfThere()
    }
    const following = { idleMs: 60_000, signal: stop.signal, now: server.app.now, heard }
    const ended = followEvents(request, following)
    wanted = await last()
    stopIfThere()
    expect(await ended).toMatchObject({ kind: 'no_answer' })
    return { refs, id }
  }
  const first = await buy()
  const { body } = await call<{ data: { id: string }[] }>(server, key, 'GET', '/v1/orders')
  expect(body.data.map((one) => one.id)).toEqual([first])
  // From the beginning of the epoch, so that the test does not depend on when the stream opens.
  const start = await named('evt_1_1_1', async () => first)
  expect(start.refs).toEqual([first])
  const [second, third] = [await buy(), await buy()]
  const rest = await named(start.id, async () => third)
  expect(rest.refs).toEqual([second, third])
  const wrong = { ...settings, api_key: 'nk_wrong' }
  const heard = () => expect.unreachable()
  const following = {
    idleMs: 60_000,
    signal: new AbortController().signal,
    now: server.app.now,
    heard,
  }
  const refused = upstream.stream(wrong, null) ?? expect.unreachable()
  expect(await followEvents(refused, following)).toMatchObject({
    kind: 'answered',
    answer: { status: 401 },
  })
})

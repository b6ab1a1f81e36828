// Every kind of supplier with a webhook: what its vendor signed is accepted, everything else is refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { supplierKinds } from '../../../src/supply/kinds.ts'
import type { InboundRequest } from '../../../src/supply/supplier.ts'
import { anyCharacter } from '../../harness/texts.ts'
import { allSamples } from '../samples/all.ts'
import { arrived, type Sample, type SampleMessage } from '../samples/sample.ts'

const now = new Date('2026-03-14T09:26:53Z')
const url = 'https://numlet.example/api/supply/my-supplier'
const message = {
  ref: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  phone: '+12015550123',
  sender: '+447700900123',
  text: 'Your code = 593-821 & more: "пароль" 100% + é 🙂\nUse it once; a_b_c?',
}

const inboundOf = ({ kind }: Sample) => kind.inbound ?? expect.unreachable(`${kind.name} has none`)

async function signedRequest(sample: Sample, one: SampleMessage = message) {
  return arrived(await sample.request(url, now, one), now)
}

/** One byte, and another in its place that no encoding takes for the same. */
const changed = (text: string, at: number) =>
  text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)

const positions = (length: number) => Array.from({ length }, (_, i) => i)

describe.each(allSamples.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
  const inbound = inboundOf(sample)
  const isAccepted = (request: InboundRequest) => inbound.verify(request, sample.settings)

  it('is accepted, and read as it was sent', async () => {
    const request = await signedRequest(sample)
    expect(isAccepted(request)).toBe(true)
    const reading = inbound.read(request, sample.settings)
    const [one] = reading.kind === 'messages' ? reading.messages : []
    expect(one).toMatchObject({ phone: message.phone, text: message.text })
    expect(`+${one?.sender.replace('+', '')}`).toBe(message.sender)
    expect(one?.ref).toContain(message.ref)
  })

  it('is accepted with any text, and read as the same', async () => {
    const texts = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        // Forms are UTF-8, in which half a pair of surrogates cannot be written.
        const sent = { ...message, text: `${text.toWellFormed()}.` }
        const request = await signedRequest(sample, sent)
        const reading = inbound.read(request, sample.settings)
        expect(isAccepted(request)).toBe(true)
        expect(reading.kind === 'messages' && reading.messages[0]?.text).toBe(sent.text)
      }),
      { numRuns: 30 },
    )
  })

  it('is refused with any byte of what is signed changed', async () => {
    const request = await signedRequest(sample)
    const body = request.body.toString('latin1')
    const bodies = sample.covers.body ? positions(body.length) : []
    const inBody = bodies.filter((at) =>
      isAccepted({ ...request, body: Buffer.from(changed(body, at), 'latin1') }),
    )
    expect(inBody.map((at) => body.slice(at, at + 20))).toEqual([])
    for (const name of sample.signatureHeaders) {
      const value = request.header(name) ?? ''
      const inHeader = positions(value.length).filter((at) =>
        isAccepted({
          ...request,
          header: (asked) => (asked === name ? changed(value, at) : request.header(asked)),
        }),
      )
      expect([name, value.length > 0, inHeader]).toEqual([name, true, []])
    }
  })

  it('is refused with another URL, where the URL is signed', async () => {
    const request = await signedRequest(sample)
    const elsewhere = positions(url.length)
      .slice('https://'.length)
      .filter((at) => isAccepted({ ...request, urls: [changed(url, at)] }))
    expect(elsewhere.length > 0).toBe(!sample.covers.url)
  })

  it('is refused with a changed query', async () => {
    const request = await signedRequest(sample)
    const { query } = request
    const accepted = positions(query.length).filter((at) => {
      return isAccepted({ ...request, query: changed(query, at) })
    })
    expect(accepted.map((at) => query.slice(at, at + 20))).toEqual([])
  })

  it('is refused without a signature, and with one by another secret', async () => {
    const request = await signedRequest(sample)
    if (sample.signatureHeaders.length > 0)
      expect(isAccepted({ ...request, header: () => undefined })).toBe(false)
    const others = Object.fromEntries(
      Object.entries(sample.settings).map(([key, value]) => [
        key,
        key === 'signature_method' ? value : changed(value, 3),
      ]),
    )
    expect(inbound.verify(request, others)).toBe(false)
    expect(inbound.verify(request, {})).toBe(false)
  })

  it('is refused when it is too old or from the future', async () => {
    const request = await signedRequest(sample)
    const at = (s: number) =>
      isAccepted({ ...request, receivedAt: new Date(now.getTime() + s * 1000) })
    if (sample.maxAgeS === null) return expect(at(86_400 * 365)).toBe(true)
    expect(at(sample.maxAgeS)).toBe(true)
    expect(at(sample.maxAgeS + 1)).toBe(false)
    expect(at(-sample.maxAgeS - 1)).toBe(false)
  })

  it('is accepted whether or not the URL is written with its port', async () => {
    const request = await signedRequest(sample)
    const withPort = request.urls.map((one) => one.replace('.example/', '.example:443/'))
    expect(isAccepted({ ...request, urls: withPort })).toBe(true)
    const behind = request.urls.map((one) => one.replace('.example/', '.example:8443/'))
    expect(isAccepted({ ...request, urls: behind })).toBe(true)
  })

  it('uses no header that it does not name', async () => {
    const request = await signedRequest(sample)
    const header = (name: string) => {
      expect(inbound.headers).toContain(name)
      return request.header(name)
    }
    expect(isAccepted({ ...request, header })).toBe(true)
    inbound.read({ ...request, header }, sample.settings)
  })
})

it('samples are there of every kind with a webhook', () => {
  const sampled = new Set(allSamples.map(({ kind }) => kind.name))
  const kinds = supplierKinds.filter(({ inbound }) => inbound !== null).map(({ name }) => name)
  expect([...sampled].sort()).toEqual(kinds.toSorted())
})

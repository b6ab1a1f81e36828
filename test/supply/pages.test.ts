// Lists that are read page by page, whatever becomes of their pages.
import { describe, expect, it } from 'vitest'
import { lineOf, no, unknown } from '../../src/supply/answers.ts'
import { type Book, listFrom } from '../../src/supply/pages.ts'
import type { UpstreamOrder } from '../../src/supply/upstream.ts'
import { answered, played, silence, unreached } from './upstream/answers.ts'

const order = (ref: string, state: UpstreamOrder['state'] = 'waiting'): UpstreamOrder => ({
  ...{ ref, phone: null, product: {}, requestKey: null, state, sms: [], hasAllSms: true },
  ...{ cost: null, endsAt: null },
})

const request = (place: number) => ({
  ...{ method: 'GET' as const, url: `https://platform.example.com/${place}`, headers: {} },
})

/** A page has the references of its body, and `more` or `odd` in front of them. */
const book: Book<number> = {
  request,
  page({ status, body }, place) {
    if (status === 429) return no('busy', 7)
    if (status !== 200) return unknown('an answer that is no list')
    const words = (lineOf(body) ?? '').split(' ').filter((word) => word !== '')
    const refs = words.filter((word) => word !== 'more' && word !== 'odd')
    return {
      orders: refs.map((ref) => order(ref, ref === 'b' && place > 0 ? 'code' : 'waiting')),
      next: words.includes('more') ? place + 1 : null,
      isReadable: !words.includes('odd'),
    }
  },
}

const list = (...sent: Parameters<typeof played>[1][]) => played(listFrom(book, 0), ...sent)
const refsIn = ({ result }: ReturnType<typeof list>) =>
  result.kind === 'list' ? result.list.orders.map(({ ref }) => ref) : result.kind

describe('a list', () => {
  it('is read to its end, and shows each order as the last page that has it', () => {
    const whole = list(answered('more a b'), answered('more'), answered('b c'))
    expect(refsIn(whole)).toEqual(['a', 'b', 'c'])
    expect(whole.result).toMatchObject({
      list: { isComplete: true, orders: { 1: { state: 'code' } } },
    })
    expect(whole.requests.map(({ url }) => url.at(-1))).toEqual(['0', '1', '2'])
  })

  it('is not whole if an entry cannot be read, or if its platform repeats a page', () => {
    const odd = list(answered('more odd a'), answered('b'))
    expect(odd.result).toMatchObject({ kind: 'list', list: { isComplete: false } })
    expect(refsIn(odd)).toEqual(['a', 'b'])
    const repeated = list(answered('more a b'), answered('more a b'))
    expect(repeated.result).toMatchObject({ kind: 'list', list: { isComplete: false } })
  })

  it('has what was read before it broke off', () => {
    const causes = [
      [silence, { kind: 'unknown', why: 'the time was over' }],
      [unreached, { kind: 'no', class: 'unreached' }],
      [answered('', 429), { kind: 'no', class: 'busy', retryAfterS: 7 }],
      [answered('', 500), { kind: 'unknown', why: 'an answer that is no list' }],
    ] as const
    for (const [sent, cause] of causes) {
      const broken = list(answered('more a'), answered('more b'), sent)
      expect(refsIn(broken)).toEqual(['a', 'b'])
      expect(broken.result).toMatchObject({ list: { isComplete: false, brokenOffBy: cause } })
      // Without a page there is no list.
      expect(list(sent).result).toEqual(cause)
    }
  })

  it('ends, also if its platform does not', () => {
    let talk = listFrom(book, 0)
    for (let requests = 1; ; requests++) {
      expect(requests).toBeLessThanOrEqual(1_000)
      const step = talk.read(answered(`more ${requests}`))
      if ('result' in step) {
        expect(step.result).toMatchObject({ kind: 'list', list: { isComplete: false } })
        break
      }
      talk = step.next
    }
  })
})

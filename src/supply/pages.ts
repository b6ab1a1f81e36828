// Lists that are read page by page. What was read counts, also if a later page is refused or lost.
import { done, unanswered } from './answers.ts'
import type {
  HttpAnswer,
  HttpRequest,
  ListReading,
  No,
  Talk,
  Unknown,
  UpstreamOrder,
} from './upstream.ts'

/** Twenty thousand orders where a page has a hundred. What a list does not show is read one by one. */
const maxPages = 200

/** A page of a list of orders. */
export type Page<P> = {
  readonly orders: readonly UpstreamOrder[]
  /** Where the next page begins; null: there is none. */
  readonly next: P | null
  /** Whether every entry could be read. */
  readonly isReadable: boolean
}

/** How the pages of a list are asked for and read. */
export type Book<P> = {
  request(place: P): HttpRequest
  page(answer: HttpAnswer, place: P): Page<P> | No | Unknown
}

/** What has been read so far, page by page: a list that is copied with each page costs seconds of the CPU. */
type ReadSoFar = {
  readonly pages: readonly (readonly UpstreamOrder[])[]
  readonly isReadable: boolean
}

/** Reads a list from a place to its end. */
export function listFrom<P>(
  book: Book<P>,
  place: P,
  before: ReadSoFar = { pages: [], isReadable: true },
): Talk<ListReading> {
  return {
    request: book.request(place),
    read(sent) {
      const found = sent.kind === 'answered' ? book.page(sent.answer, place) : unanswered(sent)
      if ('kind' in found) return done(before.pages.length === 0 ? found : brokenOff(before, found))
      const read = {
        pages: [...before.pages, found.orders],
        isReadable: before.isReadable && found.isReadable,
      }
      // @NOTE some platforms ignore the place and send the same page for ever
      const isStuck = isRepeated(found.orders, before.pages.at(-1))
      if (found.next !== null && !isStuck && read.pages.length < maxPages)
        return { next: listFrom(book, found.next, read) }
      return done(listOf(read, found.next === null))
    },
  }
}

/** Whether a page shows nothing but what the one before it showed. */
function isRepeated(
  orders: readonly UpstreamOrder[],
  before: readonly UpstreamOrder[] = [],
): boolean {
  const refs = new Set(before.map(({ ref }) => ref))
  return orders.length > 0 && orders.every(({ ref }) => refs.has(ref))
}

const brokenOff = (before: ReadSoFar, why: No | Unknown): ListReading => ({
  kind: 'list',
  list: { ...listOf(before, false).list, brokenOffBy: why },
})

/** The orders, each as the last page that has it shows it. */
function listOf({ pages, isReadable }: ReadSoFar, isWhole: boolean) {
  const orders = new Map(pages.flat().map((order) => [order.ref, order]))
  return {
    kind: 'list' as const,
    list: { orders: [...orders.values()], isComplete: isWhole && isReadable },
  }
}

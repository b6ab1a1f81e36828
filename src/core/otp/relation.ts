// How things stand to one another in a message: what is between, before, already spoken for.
import type { Candidate } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import type { Layout } from './layout.ts'
import { cover } from './mask.ts'

export type Message = {
  readonly text: string
  readonly masked: string
  readonly hits: readonly Hit[]
  readonly candidates: readonly Candidate[]
  readonly layout: Layout
  /** Says how long something is valid: a small number and a unit of time. */
  readonly isTimed: boolean
}

export function numbersBetween(
  { candidates }: Message,
  from: number,
  to: number,
  code: string,
): number {
  let count = 0
  for (const other of candidates) {
    if (other.shape !== 'letters' && other.start >= from && other.end <= to && other.code !== code)
      count++
  }
  return count
}

/** True when a label is followed at once by another number, which is then its own. */
export function isTaken({ candidates, masked, layout }: Message, hit: Hit, code: string): boolean {
  return candidates.some(
    (other) =>
      other.code !== code &&
      other.shape !== 'letters' &&
      other.start >= hit.end &&
      other.start - hit.end <= 12 &&
      (layout.letters[other.start] ?? 0) - (layout.letters[hit.end] ?? 0) <= 4 &&
      !masked.slice(hit.end, other.start).includes(cover) &&
      layout.sentences[other.start] === layout.sentences[hit.end],
  )
}

export function isWarning({ hits, layout }: Message, hit: Hit): boolean {
  const sentence = layout.sentences[hit.start]
  return hits.some(
    (other) => (other.kind & kinds.warn) !== 0 && layout.sentences[other.start] === sentence,
  )
}

/** "Never tell your code": the warning stands before the word, which then announces nothing. */
export function isWarned({ hits, layout }: Message, { start }: Hit): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.warn) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

export function labelledBefore({ hits, layout }: Message, { start }: Hit): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.code) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

export function strongBefore({ hits, layout }: Message, { start }: Hit): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.strong) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

export function labelBetween({ hits }: Message, from: number, to: number, kind: number): boolean {
  return hits.some((hit) => (hit.kind & kind) !== 0 && hit.start >= from && hit.end <= to)
}

// Identifies the services that a message is about, by its sender and its words. No I/O.
import type { Service } from '../catalog/catalog.ts'

/** A service and the strength of its signs: a sender counts more than any words, and long words more than
 * short ones. */
export type Sign = { readonly serviceId: number; readonly weight: number }

export type Identify = (message: { text: string; sender: string }) => readonly Sign[]

const senderWeight = 1_000
/** Only emails have long texts; the brand is near the beginning. */
const charactersRead = 4_000

/** Builds the index of all services' senders and words. */
export function identifier(services: readonly Service[]): Identify {
  const bySender = new Map<string, number[]>()
  const byFirstWord = new Map<string, { words: readonly string[]; serviceId: number }[]>()
  for (const service of services) {
    for (const sender of service.senders) push(bySender, plain(sender), service.id)
    for (const phrase of service.words) {
      const words = wordsOf(phrase)
      const [first] = words
      if (first !== undefined) push(byFirstWord, first, { words, serviceId: service.id })
    }
  }
  return ({ text, sender }) => {
    const weights = new Map<number, number>()
    const add = (id: number, weight: number) =>
      weights.set(id, Math.max(weight, weights.get(id) ?? 0))
    for (const id of bySender.get(plain(sender)) ?? []) add(id, senderWeight)
    const words = wordsOf(text.slice(0, charactersRead))
    for (const [place, word] of words.entries())
      for (const phrase of byFirstWord.get(word) ?? [])
        if (phrase.words.every((part, i) => words[place + i] === part))
          add(phrase.serviceId, phrase.words.join('').length)
    return [...weights]
      .map(([serviceId, weight]) => ({ serviceId, weight }))
      .sort((a, b) => b.weight - a.weight || a.serviceId - b.serviceId)
  }
}

const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase()

/** Words, single letters of scripts without spaces between words, and single symbols. */
const pieces =
  /[[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]]+|\S/gv

const wordsOf = (text: string) => plain(text).match(pieces) ?? []

function push<K, V>(map: Map<K, V[]>, key: K, value: V) {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

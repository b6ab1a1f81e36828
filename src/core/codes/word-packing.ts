// The table of words as text, for a module that needs no files: bytes in base64.
import { moreBit } from './word-kinds.ts'
import type { WordTable } from './word-table.ts'

export type PackedWords = {
  readonly languages: readonly string[]
  /** Letters: all low bytes, then all high bytes. */
  readonly letters: string
  /** Of each node twice the number of its children, and one more if a word ends there; from 255 on
   * in three bytes. */
  readonly nodes: string
  /** All different meanings; their numbers by word as low bytes, then high bytes. */
  readonly meanings: readonly number[]
  readonly meant: string
  readonly meantIn: string
}

const long = 255

export function packWords(table: WordTable): PackedWords {
  const { languages, letters, children, words, meanings, meantIn } = table
  const nodes: number[] = []
  for (let node = 0; node < letters.length; node++) {
    const count = (children[node + 1] ?? 0) - (children[node] ?? 0)
    const value = count * 2 + (words[node] === 0 ? 0 : 1)
    if (value < long) nodes.push(value)
    else nodes.push(long, value & 255, value >>> 8)
  }
  const different = [...new Set(meanings)]
  const numbers = new Map(different.map((meaning, i) => [meaning, i]))
  return {
    languages,
    letters: inBase64(lowThenHigh([...letters])),
    nodes: inBase64(nodes),
    meanings: different,
    meant: inBase64(lowThenHigh([...meanings].map((meaning) => numbers.get(meaning) ?? 0))),
    meantIn: inBase64([...meantIn]),
  }
}

export function unpackWords(packed: PackedWords): WordTable {
  const letters = pairs(bytesOf(packed.letters))
  const numbers = pairs(bytesOf(packed.meant))
  const meanings = new Int32Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) meanings[i] = packed.meanings[numbers[i] ?? 0] ?? 0
  const meantIn = bytesOf(packed.meantIn)
  const nodes = unpackNodes(bytesOf(packed.nodes), letters.length, meanings)
  return { languages: packed.languages, letters, ...nodes, meanings, meantIn }
}

function unpackNodes(bytes: Uint8Array, count: number, meanings: Int32Array) {
  const children = new Int32Array(count + 1)
  const words = new Uint16Array(count)
  let child = 2
  let word = 1
  for (let node = 0, at = 0; node < count; node++) {
    let value = bytes[at++] ?? 0
    if (value === long) {
      value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
      at += 2
    }
    children[node] = child
    child += value >> 1
    if (value & 1) {
      words[node] = word
      while ((meanings[word++] ?? 0) & moreBit);
    }
  }
  children[count] = child
  return { children, words }
}

function lowThenHigh(numbers: readonly number[]): number[] {
  return [...numbers.map((number) => number & 255), ...numbers.map((number) => number >>> 8)]
}

function pairs(bytes: Uint8Array): Uint16Array {
  const half = bytes.length / 2
  const numbers = new Uint16Array(half)
  for (let i = 0; i < half; i++) numbers[i] = (bytes[i] ?? 0) | ((bytes[i + half] ?? 0) << 8)
  return numbers
}

function inBase64(bytes: readonly number[]): string {
  const chars: string[] = []
  for (const byte of bytes) chars.push(String.fromCharCode(byte))
  return btoa(chars.join(''))
}

function bytesOf(base64: string): Uint8Array {
  // Servers have a faster way than browsers.
  if (typeof Buffer !== 'undefined') return new Uint8Array(Buffer.from(base64, 'base64'))
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

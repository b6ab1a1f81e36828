// Visible text as it grows: blanks are joined, and elements end words and lines.
import { asSeen } from './direction.ts'

/** What stands between two pieces of text; the stronger of two counts. */
export const breaks = {
  none: 0,
  /** Between a digit and a letter only: the edge of a link. */
  edge: 1,
  /** Between words, but not between two digits: boxes that touch each other. */
  box: 2,
  blank: 3,
  line: 4,
} as const
export type Break = (typeof breaks)[keyof typeof breaks]

/** A digit or a capital letter alone. */
const isUnit = (text: string) => text.length < 40 && /^\s*[\p{Nd}A-Z]\s*$/u.test(text)
const digit = /\p{Nd}/u
const letter = /\p{L}/u
/** Runs of blanks (also those of Braille and Hangul), and marks without a width among them. */
const blanks = /[\s\u200c-\u200f\u2800\u3164\uffa0]+/g
const weightless = /(?:[\u00ad\u180e\u200b\u2060-\u2064\ufeff]|\u034f)+/g

export class VisibleText {
  #pieces: string[] = []
  #length = 0
  #pending: Break = breaks.line
  #last = ''
  /** Where the pieces are that hold what stands between digits that were written one by one. */
  #boxes: number[] = []
  #boxed = ''

  get length(): number {
    return this.#length
  }

  /** The number of pieces, to come back to. */
  get mark(): number {
    return this.#pieces.length
  }

  break(kind: Break): void {
    if (kind > this.#pending) this.#pending = kind
  }

  /** Text in which blanks of any number are one. */
  write(raw: string): void {
    const text = raw.replace(weightless, '').replace(blanks, oneBlank)
    const from = text.startsWith(' ') ? 1 : 0
    if (from > 0) this.break(breaks.blank)
    const to = text.length > from && text.endsWith(' ') ? text.length - 1 : text.length
    if (to > from) this.#add(text.slice(from, to))
    if (to < text.length) this.break(breaks.blank)
  }

  /** Text whose blanks and line breaks stand as they are. */
  writeAsIs(raw: string): void {
    const lines = raw.replace(weightless, '').split('\n')
    lines.forEach((line, i) => {
      if (i > 0) this.break(breaks.line)
      if (line.trim() === '') {
        if (line !== '') this.break(breaks.blank)
      } else this.#add(line.trimEnd().replaceAll('\u00a0', ' '))
      if (line !== line.trimEnd()) this.break(breaks.blank)
    })
  }

  /** Turns what was written since a mark around: some show letters in reverse. */
  reverse(mark: number): void {
    this.#endBoxes()
    // What stands between it and the text before stays where it is.
    const from = /^\s$/.test(this.#pieces[mark] ?? '') ? mark + 1 : mark
    const turned = [...this.#pieces.splice(from).join('')].reverse().join('')
    if (turned === '') return
    this.#pieces.push(turned)
    this.#last = turned
  }

  toString(): string {
    this.#endBoxes()
    return asSeen(this.#pieces.join('')).trim()
  }

  #add(text: string) {
    const between = this.#length === 0 ? '' : this.#between(text)
    const isBox = isUnit(text)
    if (!isBox) this.#endBoxes()
    else if (this.#boxed !== '') this.#boxes.push(this.#pieces.length)
    if (isBox) this.#boxed += text.trim()
    if (between !== '' || isBox) this.#pieces.push(between)
    this.#pieces.push(text)
    this.#length += between.length + text.length
    this.#pending = breaks.none
    this.#last = text
  }

  /** Digits of a code, each in an element of its own, stand on one line, evenly spaced. */
  #endBoxes() {
    const at = this.#boxes
    const isCode = /^(?=.*\p{Nd})[\p{Nd}A-Z]{4,10}$/u.test(this.#boxed)
    this.#boxes = []
    this.#boxed = ''
    if (!isCode) return
    const between = at.map((index) => this.#pieces[index])
    if (between.every((one) => one === '')) return
    // Some of them end a line: the digits of two codes, or of a code and another number.
    if (between.includes('\n') && !between.every((one) => one === '\n')) return
    for (const index of at)
      this.#pieces.splice(index, 2, ' ', (this.#pieces[index + 1] ?? '').trim())
  }

  #between(next: string): string {
    if (this.#pending >= breaks.line) return '\n'
    if (this.#pending === breaks.blank) return ' '
    if (this.#pending === breaks.none) return ''
    const [a, b] = [this.#last.slice(-1), next.slice(0, 1)]
    const digits = Number(digit.test(a)) + Number(digit.test(b))
    const letters = Number(letter.test(a)) + Number(letter.test(b))
    if (digits + letters < 2 || digits === 2) return ''
    return this.#pending === breaks.box || digits === 1 ? ' ' : ''
  }
}

const oneBlank = (run: string) => (/[\s\u2800\u3164\uffa0]/.test(run) ? ' ' : run)

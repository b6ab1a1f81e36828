// Visible text as it grows: blanks are joined, and elements end words and lines.

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

const digit = /\p{Nd}/u
const letter = /\p{L}/u
/** Runs of blanks, and marks without a width among them. */
const blanks = /[\s\u200c-\u200f]+/g
const weightless = /(?:[\u00ad\u180e\u200b\u2060\ufeff]|\u034f)+/g

export class VisibleText {
  #pieces: string[] = []
  #length = 0
  #pending: Break = breaks.line
  #last = ''

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
    // What stands between it and the text before stays where it is.
    const from = /^\s$/.test(this.#pieces[mark] ?? '') ? mark + 1 : mark
    const turned = [...this.#pieces.splice(from).join('')].reverse().join('')
    if (turned === '') return
    this.#pieces.push(turned)
    this.#last = turned
  }

  toString(): string {
    return this.#pieces.join('').trim()
  }

  #add(text: string) {
    const between = this.#length === 0 ? '' : this.#between(text)
    if (between !== '') this.#pieces.push(between)
    this.#pieces.push(text)
    this.#length += between.length + text.length
    this.#pending = breaks.none
    this.#last = text
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

const oneBlank = (run: string) => (/\s/.test(run) ? ' ' : run)

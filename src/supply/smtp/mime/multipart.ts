// The parts of a multipart, even if its boundaries are not the declared ones.

export type Parts = {
  readonly parts: readonly string[]
  /** The text before the first boundary and after the last: shown only if there is nothing else. */
  readonly outside: string
}

/** The maximum number of lines that are tried as a boundary. */
const maxGuesses = 20
const maxBorderLength = 200

/** Splits a body at a boundary. @returns null if it does not occur */
export function splitParts(body: string, border: string): Parts | null {
  const delimiters = border === '' ? [] : findDelimiters(body, border)
  if (delimiters.length === 0) return null
  const parts: string[] = []
  let outside = body.slice(0, delimiters[0]?.start)
  delimiters.forEach(({ end, isClosing }, i) => {
    const next = delimiters[i + 1]
    const inside = body.slice(end, next ? withoutBreak(body, next.start, end) : body.length)
    if (isClosing) outside += `\n${inside}`
    else parts.push(inside)
  })
  return { parts, outside }
}

type Delimiter = { readonly start: number; readonly end: number; readonly isClosing: boolean }

/** Only whole lines: a boundary may be a prefix of another one. */
function findDelimiters(body: string, border: string): Delimiter[] {
  const mark = `--${border}`
  const found: Delimiter[] = []
  let newline = -2
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) {
    if (at > 0 && body[at - 1] !== '\n' && body[at - 1] !== '\r') continue
    const from = at + mark.length
    // Without line feeds it is looked for only once.
    if (newline !== -1 && newline < from) newline = body.indexOf('\n', from)
    const end = newline < 0 ? body.length : newline + 1
    const rest = body.slice(from, Math.min(end, from + maxBorderLength)).trim()
    if (rest === '' || rest === '--') found.push({ start: at, end, isClosing: rest === '--' })
  }
  return found
}

function withoutBreak(body: string, at: number, from: number): number {
  let end = at
  if (end > from && body[end - 1] === '\n') end--
  if (end > from && body[end - 1] === '\r') end--
  return end
}

const partHeader = /^content-[a-z-]{1,60}[ \t]*:/i

/**
 * The actual boundary of a body, whatever was declared: a line of two dashes and some text that is
 * followed by a part's header, or that occurs again with two dashes after it.
 */
export function guessBorder(body: string, needsHeader = false): string | null {
  let tried = 0
  const first = body.startsWith('--') ? 0 : body.indexOf('\n--') + 1
  if (first === 0 && !body.startsWith('--')) return null
  for (let at = first; at < body.length && tried < maxGuesses; tried++) {
    const newline = body.indexOf('\n', at)
    const end = newline < 0 ? body.length : newline
    const line = body.slice(at, Math.min(end, at + maxBorderLength)).trimEnd()
    const border = line.slice(2)
    if (/^[^\s-]|^-+[^\s-]/.test(border) && !line.startsWith('-----BEGIN ')) {
      if (partHeader.test(body.slice(end + 1, end + 81))) return border
      if (!needsHeader && body.includes(`\n${line}--`, end)) return border
    }
    const next = body.indexOf('\n--', end)
    if (next < 0) break
    at = next + 1
  }
  return null
}

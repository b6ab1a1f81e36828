// Parses PostgreSQL's times without a regular expression: an order has six of them, and orders are read more
// than anything else.

/** The types' original parser, for values that are not in the usual form. */
type Fallback = (text: string) => unknown

const zero = 48

/** Two digits at a position; NaN if there are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - zero
  const ones = text.charCodeAt(at + 1) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/**
 * Parses `2026-11-21 04:45:09.512345+00`: ISO style, a year of four digits, an offset of hours with or
 * without minutes. Digits after the milliseconds are dropped, because a Date has no more. Everything else
 * (infinity, BC, years beyond 9999) goes to `fallback`.
 */
export function timestampParser(fallback: Fallback): (text: string) => unknown {
  return (text) => {
    if (text.length < 22 || text.charCodeAt(4) !== 45 || text.charCodeAt(10) !== 32)
      return fallback(text)
    let at = 19
    let milliseconds = 0
    if (text.charCodeAt(at) === 46) {
      let weight = 100
      for (at++; at < text.length; at++) {
        const digit = text.charCodeAt(at) - zero
        if (digit < 0 || digit > 9) break
        milliseconds += digit * weight
        weight = weight === 100 ? 10 : weight === 10 ? 1 : 0
      }
    }
    const sign = text.charCodeAt(at) === 43 ? 1 : text.charCodeAt(at) === 45 ? -1 : Number.NaN
    const offset = two(text, at + 1) * 60 + (text.length > at + 3 ? two(text, at + 4) : 0)
    const isUsual = text.length === at + 3 || text.length === at + 6
    const time =
      Date.UTC(
        two(text, 0) * 100 + two(text, 2),
        two(text, 5) - 1,
        two(text, 8),
        two(text, 11),
        two(text, 14),
        two(text, 17),
        milliseconds,
      ) -
      sign * offset * 60_000
    return isUsual && !Number.isNaN(time) ? new Date(time) : fallback(text)
  }
}

// Text that is struck out: withdrawn, but still to be read. Plain text shows it by a stroke on each letter.

const stroke = '\u0336'
const struck = /(?:\S\u0336)+/gu

/** The same text with a line through it. */
export const struckOut = (text: string): string => text.replace(/\S/gu, `$&${stroke}`)

/** What is left of a text without what is struck out; null if nothing is. */
export const withoutStruck = (text: string): string | null =>
  text.includes(stroke) ? text.replace(struck, ' ') : null

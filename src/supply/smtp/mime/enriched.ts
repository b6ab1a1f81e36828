// Converts text/enriched (RFC 1896) and the older text/richtext (RFC 1341) to plain text.

/** Tags are dropped; one line break becomes a space, several become one fewer. */
export function enrichedText(text: string): string {
  return text
    .replace(/<param>[^<]*<\/param>/gi, '')
    .replaceAll('<<', '\u0000')
    .replace(/<\/?[a-z0-9-]{1,60}>/gi, '')
    .replaceAll('\u0000', '<')
    .replace(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1)))
}

/** Blanks without a line break stay. Otherwise one blank is kept, and what indents the line after it. */
function joinedLines(blanks: string): string {
  const newline = blanks.lastIndexOf('\n')
  return newline < 0 ? blanks : ` ${blanks.slice(newline + 2)}`
}

const breaks = /<(?:nl|np|\/?paragraph)>/gi

/** Line breaks are written as tags, and those of the source are spaces. */
export function richText(text: string): string {
  return text
    .replace(/<comment>[^<]*<\/comment>/gi, '')
    .replace(/\s+/g, joinedLines)
    .replace(breaks, '\n')
    .replace(/<(?!lt>)\/?[a-z0-9-]{1,60}>/gi, '')
    .replace(/<lt>/gi, '<')
}

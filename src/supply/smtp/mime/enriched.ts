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

const breaks = /<(?:nl|np|\/?paragraph)>/gi

/** Line breaks are written as tags, and those of the source are spaces. */
export function richText(text: string): string {
  return text
    .replace(/<comment>[^<]*<\/comment>/gi, '')
    .replace(/\s*\n\s?/g, ' ')
    .replace(breaks, '\n')
    .replace(/<(?!lt>)\/?[a-z0-9-]{1,60}>/gi, '')
    .replace(/<lt>/gi, '<')
}

// text/enriched (RFC 1896) and its older sister text/richtext (RFC 1341), as plain text.

/** Marks are dropped; one line break is a blank, several are one fewer. */
export function enrichedText(text: string): string {
  return text
    .replace(/<param>[^<]*<\/param>/gi, '')
    .replaceAll('<<', '\u0000')
    .replace(/<\/?[a-z0-9-]{1,60}>/gi, '')
    .replaceAll('\u0000', '<')
    .replace(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1)))
}

const breaks = /<(?:nl|np|\/?paragraph)>/gi

/** Breaks are written as marks, and those of the source are blanks. */
export function richText(text: string): string {
  return text
    .replace(/<comment>[^<]*<\/comment>/gi, '')
    .replace(/\s*\n\s?/g, ' ')
    .replace(breaks, '\n')
    .replace(/<(?!lt>)\/?[a-z0-9-]{1,60}>/gi, '')
    .replace(/<lt>/gi, '<')
}

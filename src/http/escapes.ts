// Percent escapes in queries and forms.

/** Most texts have no such escape, and only those can be wrong. */
const aboveAscii = /%[89a-f][0-9a-f]/i

/** Whether the percent escapes of a query or a form are UTF-8. A `%` without two hex digits after it counts
 * as itself. */
export function isUtf8Escaped(text: string): boolean {
  if (!aboveAscii.test(text)) return true
  try {
    for (const [run] of text.matchAll(/(?:%[0-9a-f]{2})+/gi)) decodeURIComponent(run)
    return true
  } catch {
    return false
  }
}

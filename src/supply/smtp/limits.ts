// Limits of an email, checked before it is parsed: it is untrusted input.
import { BadMail } from './bad-mail.ts'

const maxHeaderLines = 1_000
const maxHeaderBytes = 256 * 1024
/** An email of 5 MB in lines of 26 characters; encoded attachments have lines of 76. */
const maxLines = 200_000
/** Lines that begin like the boundaries between parts. */
const maxBorders = 2_000

const newline = 0x0a
const dash = 0x2d
const carriageReturn = 0x0d

/**
 * Scans the lines once to count what would have to be parsed. An email may begin without a header.
 * @throws BadMail
 */
export function assertBearable(raw: Uint8Array): void {
  let lines = 0
  let headerLines = 0
  let inHeader = true
  let borders = 0
  for (let at = 0; at < raw.length; ) {
    lines++
    if (inHeader) {
      if (at > maxHeaderBytes) throw new BadMail('its headers are too large')
      headerLines++
      if (raw[at] === newline || (raw[at] === carriageReturn && raw[at + 1] === newline))
        inHeader = false
    }
    if (raw[at] === dash && raw[at + 1] === dash) borders++
    if (lines > maxLines) throw new BadMail('it has too many lines')
    if (headerLines > maxHeaderLines) throw new BadMail('it has too many header lines')
    if (borders > maxBorders) throw new BadMail('it has too many parts')
    const end = raw.indexOf(newline, at)
    if (end < 0) break
    at = end + 1
  }
}

// Detects repeated emails: an email that is sent again after a lost reply is stored once.
import { createHash } from 'node:crypto'

export type Identity = {
  /** As in the header; null if there is none. */
  readonly messageId: string | null
  readonly date: string
  readonly subject: string
  /** Everything after the header. */
  readonly body: Uint8Array
  readonly raw: Uint8Array
}

/**
 * The same for every repeat of an email. A Message-ID alone is not enough: some programs send the same
 * one with every email, and an email that was accepted with 250 must not be lost. A repeat has the same
 * date, subject and body, whatever relays added to its header; without a real id it has the same bytes.
 */
export function repeatKey({ messageId, date, subject, body, raw }: Identity): string {
  const id = realId(messageId)
  const hash = createHash('sha256')
  if (id === null) return hash.update(raw).digest('base64url')
  hash.update(`${id}\u0000${date.trim()}\u0000${subject.trim()}\u0000`)
  return hash.update(body).digest('base64url')
}

/** An id has text on both sides of its @. Everything else is a placeholder: `<>`, `null`, `<@x>`. */
const idForm = /^<?([^\s<>@]+)@([^\s<>@]+)>?$/
const placeholder = /^(?:null|undefined|none|nil|nan|n\/?a|unknown|\(null\)|%s|0+)$/i
const maxIdLength = 1_000

function realId(messageId: string | null): string | null {
  const text = (messageId ?? '').replace(/\s+/g, '')
  if (text.length > maxIdLength) return null
  const parts = idForm.exec(text)
  if (!parts?.[1] || !parts[2]) return null
  return placeholder.test(parts[1]) || placeholder.test(parts[2]) ? null : text
}

// Fields that most suppliers send, each in its own way: numbers and ids.

/** Suppliers write numbers with and without the plus, and some with spaces. What is no number stays as it
 * was sent. */
export function toE164(number: string): string {
  const digits = number.replace(/[\s().-]/g, '').replace(/^\+|^00/, '')
  // PostgreSQL cannot compare text with a NUL in it.
  return /^\d{6,15}$/.test(digits) ? `+${digits}` : number.replaceAll('\u0000', '').toWellFormed()
}

/** Placeholders that many systems send for a missing id; as ids they would merge all messages into one. */
export function realId(id: string | null | undefined): string | null {
  const text = id?.trim().replaceAll('\u0000', '').toWellFormed() ?? ''
  return /^(|0+|-1|null|undefined|none|nan)$/i.test(text) ? null : text
}

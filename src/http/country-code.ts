// Country codes as clients of the dialects write them.

/** The ISO 3166-1 alpha-2 code, in capitals. Many clients write `UK`, which is not a code, for `GB`. */
export function countryCode(text: string): string {
  const code = text.toUpperCase()
  return code === 'UK' ? 'GB' : code
}

// Country codes as clients of the dialects write them.

/** The ISO 3166-1 alpha-2 code that is meant, in capitals. `UK` is not one, but is how many write `GB`. */
export function countryCode(text: string): string {
  const code = text.toUpperCase()
  return code === 'UK' ? 'GB' : code
}

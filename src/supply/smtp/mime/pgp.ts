// OpenPGP in a text (RFC 9580, section 7): nothing is decrypted, and signatures are not checked.

const message = /^\s*-----BEGIN PGP MESSAGE-----\n[^-]*-----END PGP MESSAGE-----\s*$/
/** Whether a part of type `application/pgp-encrypted` says no more than it should (RFC 3156, section 4). */
export const isPgpVersion = (text: string): boolean =>
  /^\s*(?:Version:[ \t]*\d{0,9}\s*)?$/i.test(text)

const signedBegin = '-----BEGIN PGP SIGNED MESSAGE-----\n'
const signatureBegin = '\n-----BEGIN PGP SIGNATURE-----\n'
const signatureEnd = '-----END PGP SIGNATURE-----'

/** Whether a text is nothing but an encrypted message. */
export const isEncryptedPgp = (text: string): boolean =>
  text.includes('-----BEGIN PGP MESSAGE-----') && message.test(text)

/** A signed text without its signature. */
export function withoutPgpSignature(text: string): string {
  const begin = text.startsWith(signedBegin) ? 0 : text.indexOf(`\n${signedBegin}`) + 1
  if (begin === 0 && !text.startsWith(signedBegin)) return text
  const head = text.indexOf('\n\n', begin)
  const end = text.indexOf(signatureBegin, head)
  if (head < 0 || end < 0) return text
  const close = text.indexOf(signatureEnd, end)
  const inner = text.slice(head + 2, end).replace(/^- (?=-)/gm, '')
  const rest = close < 0 ? '' : text.slice(close + signatureEnd.length)
  return `${text.slice(0, begin)}${inner}${rest}`
}

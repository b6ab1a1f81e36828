// One-time passwords by time (RFC 6238), as authenticator apps make them: six digits, a step of 30 seconds.
// No I/O.
import { generateSecret, generateURI, verifySync } from 'otplib'

const stepS = 30

/** A secret of 160 random bits, in base32. */
export const newTotpSecret = (): string => generateSecret()

/** What the QR code of an authenticator says. */
export const totpUri = (one: {
  readonly platform: string
  readonly email: string
  readonly secret: string
}): string =>
  generateURI({
    // @NOTE the colon separates the issuer from the address
    issuer: one.platform.replaceAll(':', ' '),
    label: one.email,
    secret: one.secret,
  })

/** Whether a text may be a code of an authenticator, as against a recovery code. */
export const isTotpForm = (code: string): boolean => /^\d{6}$/.test(code)

/**
 * The step that a code belongs to: this one, the one before or the one after, since clocks differ.
 * @param lastStep the step of the last code that was accepted; it and all before it are over
 * @returns null if the code is wrong or was used
 */
export function stepOfCode(
  one: { readonly secret: string; readonly code: string; readonly lastStep: number | null },
  now: Date,
): number | null {
  if (!isTotpForm(one.code)) return null
  const found = verifySync({
    secret: one.secret,
    token: one.code,
    epoch: Math.floor(now.getTime() / 1000),
    period: stepS,
    epochTolerance: stepS,
  })
  const step = found.valid && 'timeStep' in found ? found.timeStep : null
  return step !== null && step > (one.lastStep ?? -1) ? step : null
}

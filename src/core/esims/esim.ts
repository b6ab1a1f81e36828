// An eSIM: a plan, and the activation code that installs it on a phone. No I/O.
import type { Amount } from '../money.ts'

/** The purpose of the vault's keys: keys of other purposes cannot open a code. */
export const esimCodes = 'esim-codes'

export type EsimPlan = {
  readonly id: number
  readonly offerId: number
  /** Unique, ignoring case. */
  readonly name: string
  /** The country that it covers; null if it covers several. */
  readonly country: string | null
  readonly dataGb: number
  readonly validityDays: number
  /** In the requested currency. */
  readonly price: Amount
  /** Codes that can be sold now. */
  readonly stock: number
}

/** What a customer receives for an order of kind `esim`. */
export type Esim = {
  /** `LPA:1$...` for a phone, or a voucher `SIM-...`. */
  readonly activationCode: string
  readonly planName: string
  readonly dataGb: number
  readonly validityDays: number
}

/** The parts of a code, for phones that need it typed in; all null for a voucher. */
export type ActivationParts = {
  /** The server that holds the profile. */
  readonly smdpAddress: string | null
  readonly matchingId: string | null
  /** Whether the phone also asks for a confirmation code; null for a voucher. */
  readonly asksConfirmation: boolean | null
}

/** SGP.22, 4.1: the maximum length of an activation code; `LPA:` is the prefix used in QR codes. */
const maxCodeLength = 255
const qrPrefix = 'LPA:'
const voucherForm = /^SIM-[0-9A-Z]{6,32}$/
const labelForm = /^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?$/
const maxHostLength = 253
const matchingIdForm = /^[0-9A-Z-]+$/
const oidForm = /^[0-2](?:\.(?:0|[1-9]\d*))+$/

/**
 * Why a text is not an activation code that can be sold; null if it is one: `LPA:1$` SM-DP+ address `$`
 * matching id [`$` OID [`$` confirmation flag]], or a voucher `SIM-` and 6 to 32 capitals and digits.
 */
export function activationCodeProblem(text: string): string | null {
  if (voucherForm.test(text)) return null
  if (text.startsWith('SIM-')) return 'is not a voucher (SIM- and 6 to 32 of 0-9 and A-Z)'
  if (!text.startsWith(qrPrefix)) return 'does not begin with LPA: or SIM-'
  if (text.length > qrPrefix.length + maxCodeLength)
    return `is longer than ${maxCodeLength} characters`
  const [format, host = '', matchingId, ...rest] = text.slice(qrPrefix.length).split('$')
  if (format !== '1') return 'does not have format 1 (LPA:1$...)'
  if (!isHostName(host)) return 'has an SM-DP+ address that is not a host name'
  // @NOTE SGP.22 allows an empty one if the profile is reserved for one phone: such a code cannot be sold
  if (!matchingId) return 'has no matching id'
  if (!matchingIdForm.test(matchingId))
    return 'has a matching id with characters other than 0-9, A-Z and -'
  return restProblem(rest)
}

function restProblem(rest: readonly string[]): string | null {
  const [oid, flag, ...more] = rest
  if (more.length > 0) return 'has too many parts'
  if (oid && !oidForm.test(oid)) return 'has an invalid SM-DP+ OID'
  if (flag !== undefined && flag !== '1') return 'has a confirmation flag that is not 1'
  if (oid === '' && flag === undefined) return 'ends with an empty part'
  return null
}

function isHostName(host: string): boolean {
  const labels = host.split('.')
  return (
    host.length <= maxHostLength &&
    labels.length >= 2 &&
    labels.every((label) => labelForm.test(label))
  )
}

/** The parts of a code that passed the check. */
export function partsOf(activationCode: string): ActivationParts {
  if (!activationCode.startsWith(qrPrefix))
    return { smdpAddress: null, matchingId: null, asksConfirmation: null }
  const [, smdpAddress, matchingId, , flag] = activationCode.split('$')
  return {
    smdpAddress: smdpAddress ?? null,
    matchingId: matchingId ?? null,
    asksConfirmation: flag === '1',
  }
}

/** The identity of a code: the server, whose name is case-insensitive, and the profile there. */
export function identityOf(activationCode: string): string {
  const { smdpAddress, matchingId } = partsOf(activationCode)
  return smdpAddress === null ? activationCode : `${smdpAddress.toLowerCase()}$${matchingId}`
}

// What an eSIM is: a plan, and a code that puts it on a phone. No I/O in this file.
import type { Amount } from '../money.ts'

/** What the vault is asked for: no other purpose's keys open a code. */
export const esimCodes = 'esim-codes'

export type EsimPlan = {
  readonly id: number
  readonly offerId: number
  /** Unique, whatever its case. */
  readonly name: string
  /** Where it serves; null: not in one country. */
  readonly country: string | null
  readonly dataGb: number
  readonly validityDays: number
  /** In the currency that was asked for. */
  readonly price: Amount
  /** Codes that can be sold right now. */
  readonly stock: number
}

/** What a customer gets for an order of kind `esim`. */
export type Esim = {
  /** `LPA:1$...` for a phone, or a voucher `SIM-...`. */
  readonly activationCode: string
  readonly planName: string
  readonly dataGb: number
  readonly validityDays: number
}

/** A code taken apart, for phones that want it typed in; all null of a voucher. */
export type ActivationParts = {
  /** The server that has the profile. */
  readonly smdpAddress: string | null
  readonly matchingId: string | null
  /** Whether the phone will ask for a confirmation code, too; null of a voucher. */
  readonly asksConfirmation: boolean | null
}

/** SGP.22, 4.1: an activation code is at most this long; `LPA:` is what a QR code puts before it. */
const maxCodeLength = 255
const qrPrefix = 'LPA:'
const voucherForm = /^SIM-[0-9A-Z]{6,32}$/
const labelForm = /^[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?$/
const maxHostLength = 253
const matchingIdForm = /^[0-9A-Z-]+$/
const oidForm = /^[0-2](?:\.(?:0|[1-9]\d*))+$/

/**
 * Why a text is no activation code that can be sold; null when it is one: `LPA:1$` SM-DP+ address `$`
 * matching id [`$` OID [`$` confirmation flag]], or a voucher `SIM-` and 6 to 32 capitals and digits.
 */
export function activationCodeProblem(text: string): string | null {
  if (voucherForm.test(text)) return null
  if (text.startsWith('SIM-')) return 'is no voucher (SIM- and 6 to 32 of 0-9 and A-Z)'
  if (!text.startsWith(qrPrefix)) return 'begins with neither LPA: nor SIM-'
  if (text.length > qrPrefix.length + maxCodeLength)
    return `is longer than ${maxCodeLength} characters`
  const [format, host = '', matchingId, ...rest] = text.slice(qrPrefix.length).split('$')
  if (format !== '1') return 'is not of format 1 (LPA:1$...)'
  if (!isHostName(host)) return 'has no host name as its SM-DP+ address'
  // @NOTE SGP.22 lets it be empty where a profile waits for one phone alone: that is none to be sold
  if (!matchingId) return 'has no matching id'
  if (!matchingIdForm.test(matchingId)) return 'has a matching id with others than 0-9, A-Z and -'
  return restProblem(rest)
}

function restProblem(rest: readonly string[]): string | null {
  const [oid, flag, ...more] = rest
  if (more.length > 0) return 'has too many parts'
  if (oid && !oidForm.test(oid)) return 'has an SM-DP+ OID that is none'
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

/** The parts of a code that was found good. */
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

/** What makes two codes the same one: the server, whose name has no case, and the profile there. */
export function identityOf(activationCode: string): string {
  const { smdpAddress, matchingId } = partsOf(activationCode)
  return smdpAddress === null ? activationCode : `${smdpAddress.toLowerCase()}$${matchingId}`
}

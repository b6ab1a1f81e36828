// SMSGate (SMS Gateway for Android): the webhook `sms:received` of a phone.
import type { Setting, SupplierKind } from '../supplier.ts'
import { numbersIn } from './numbers.ts'
import { readSmsgate } from './reading.ts'
import { signatureHeader, timestampHeader, verifySmsgate } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'signing_key',
    label: 'Signing key',
    help: 'The phone’s signing key: in the app under Settings, Webhooks, Signing key.',
    isSecret: true,
    isRequired: true,
  },
  {
    key: 'numbers',
    label: 'Numbers of the SIMs',
    help:
      'Which number is in which phone, for phones that do not know their own number: ' +
      'DEVICE/SIM=+NUMBER, or DEVICE=+NUMBER for a phone with one SIM, separated by commas.',
    isSecret: false,
    isRequired: false,
    check: (value) =>
      numbersIn(value) === null
        ? 'must look like "DEVICE/1=+12015550123,DEVICE/2=+12015550124"'
        : null,
  },
]

export const smsgateKind: SupplierKind = {
  name: 'smsgate',
  title: 'SMSGate',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: [signatureHeader, timestampHeader],
    verify: verifySmsgate,
    read: readSmsgate,
    answer: { status: 200, contentType: null, body: '' },
  },
}

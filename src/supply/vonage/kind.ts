// Vonage: the inbound webhooks of the SMS API and of the Messages API.
import type { Setting, SupplierKind } from '../supplier.ts'
import { readVonage } from './reading.ts'
import { defaultMaxAgeS, methodNamed, methods, verifyVonage } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'signature_secret',
    label: 'Signature secret',
    help: 'The account’s signature secret, from API settings in the dashboard; not the API secret.',
    isSecret: true,
    isRequired: true,
  },
  {
    key: 'signature_method',
    label: 'Signature method',
    help: `The method chosen in API settings for the SMS API: ${methods.join(', ')}.`,
    isSecret: false,
    isRequired: false,
    default: 'md5hash',
    check: (value) => (methodNamed(value) ? null : `must be one of ${methods.join(', ')}`),
  },
  {
    key: 'max_age_s',
    label: 'Maximum age',
    help: 'The age in seconds up to which a signed request is accepted. Vonage retries for a day.',
    isSecret: false,
    isRequired: false,
    default: String(defaultMaxAgeS),
    check: (value) => (/^[1-9]\d{0,6}$/.test(value) ? null : 'must be a whole number of seconds'),
  },
]

export const vonageKind: SupplierKind = {
  name: 'vonage',
  title: 'Vonage',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: ['authorization'],
    verify: verifyVonage,
    read: readVonage,
    answer: { status: 200, contentType: null, body: '' },
  },
}

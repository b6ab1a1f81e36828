// httpSMS: the webhook of an account for `message.phone.received`.
import type { Setting, SupplierKind } from '../supplier.ts'
import { readHttpsms } from './reading.ts'
import { defaultIssuer, verifyHttpsms } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'signing_key',
    label: 'Signing key',
    help: 'The signing key of the webhook, as it was entered in the settings of httpSMS.',
    isSecret: true,
    isRequired: true,
  },
  {
    key: 'issuer',
    label: 'Issuer',
    help: 'The issuer (iss) of its tokens; another one only on a server of your own.',
    isSecret: false,
    isRequired: false,
    default: defaultIssuer,
  },
]

export const httpsmsKind: SupplierKind = {
  name: 'httpsms',
  title: 'httpSMS',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: ['authorization', 'x-event-type'],
    verify: verifyHttpsms,
    read: readHttpsms,
    answer: { status: 200, contentType: null, body: '' },
  },
}

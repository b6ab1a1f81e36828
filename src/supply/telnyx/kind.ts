// Telnyx: the webhook of a messaging profile.
import type { Setting, SupplierKind } from '../supplier.ts'
import { readTelnyx } from './reading.ts'
import { publicKeyOf, signatureHeader, timestampHeader, verifyTelnyx } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'public_key',
    label: 'Public key',
    help: 'The account’s public key, from Keys & Credentials in Mission Control: base64 of 32 bytes.',
    isSecret: false,
    isRequired: true,
    check: (value) =>
      publicKeyOf(value) === null
        ? 'must be an Ed25519 key: 32 bytes in base64 (44 characters)'
        : null,
  },
]

export const telnyxKind: SupplierKind = {
  name: 'telnyx',
  title: 'Telnyx',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: [signatureHeader, timestampHeader],
    verify: verifyTelnyx,
    read: readTelnyx,
    answer: { status: 200, contentType: null, body: '' },
  },
}

// Plivo: the message URL of an application.
import type { Setting, SupplierKind } from '../supplier.ts'
import { readPlivo } from './reading.ts'
import { signatureHeaders, verifyPlivo } from './signature.ts'

const settings: readonly Setting[] = [
  {
    key: 'auth_token',
    label: 'Auth token',
    help: 'The auth token of the main account, from the start page of the Plivo console.',
    isSecret: true,
    isRequired: true,
  },
]

export const plivoKind: SupplierKind = {
  name: 'plivo',
  title: 'Plivo',
  settings,
  features: { callback: false, upstream: false },
  inbound: {
    headers: signatureHeaders,
    verify: verifyPlivo,
    read: readPlivo,
    // XML that does nothing: no reply is sent.
    answer: {
      status: 200,
      contentType: 'text/xml',
      body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    },
  },
}

// The schemas of passkeys: what browsers are asked and answer (https://www.w3.org/TR/webauthn-3/), and the
// reference's examples of it.
import { z } from 'zod'
import * as schemas from './schemas.ts'
import type { Wire } from './wire.ts'

const bytes = (maxLength: number, description: string) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\w-]+$/, 'must be base64url')
    .meta({ description: `${description}, in base64url.` })

const transports = z
  .array(z.string().regex(/^[a-z-]{1,20}$/, 'must be a transport such as usb'))
  .max(10)
  .meta({ description: 'How the browser reaches the authenticator.' })

const descriptor = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.string()),
})

const challenge = z.string().meta({ description: 'Answered once, within five minutes.' })
const timeout = z.number().int().meta({ description: 'In milliseconds.' })

export const creationOptions = z
  .object({
    rp: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    challenge,
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.number().int() })),
    timeout,
    attestation: z.literal('none'),
    authenticatorSelection: z.object({
      residentKey: z.literal('preferred'),
      requireResidentKey: z.boolean(),
      userVerification: z.literal('preferred'),
    }),
    excludeCredentials: z.array(descriptor),
  })
  .meta({
    id: 'PasskeyCreationOptions',
    description: 'For `PublicKeyCredential.parseCreationOptionsFromJSON`.',
  })

export const requestOptions = z
  .object({
    rpId: z.string(),
    challenge,
    timeout,
    userVerification: z.enum(['required', 'preferred']),
    allowCredentials: z.array(descriptor),
  })
  .meta({
    id: 'PasskeyRequestOptions',
    description: 'For `PublicKeyCredential.parseRequestOptionsFromJSON`.',
  })

const idLength = 1_400
const clientDataJSON = bytes(4_000, 'What the browser signed')
const authenticatorData = bytes(8_000, 'What the authenticator says')

/** What both kinds of credentials have. What browsers add besides is left out. */
const credentialParts = {
  id: bytes(idLength, 'The id of the passkey'),
  rawId: bytes(idLength, 'The same'),
  type: z.literal('public-key'),
}

export const newCredential = z
  .object({
    ...credentialParts,
    response: z.object({
      clientDataJSON,
      attestationObject: bytes(40_000, 'The new key'),
      transports: transports.optional(),
    }),
  })
  .meta({ id: 'NewPasskeyCredential', description: 'What `create` gave the browser, as JSON.' })

export const usedCredential = z
  .object({
    ...credentialParts,
    response: z.object({
      clientDataJSON,
      authenticatorData,
      signature: bytes(2_000, 'The signature'),
      userHandle: bytes(100, 'Whose passkey it is').nullable().optional(),
    }),
  })
  .meta({ id: 'UsedPasskeyCredential', description: 'What `get` gave the browser, as JSON.' })

export const name = schemas.line(100).meta({
  description: 'A name by which the user knows it.',
  examples: ['Phone'],
})

export const passkey = z
  .object({
    id: z.string(),
    name: z.string(),
    backed_up: z.boolean().meta({ description: 'Whether other devices of the user may have it.' }),
    host: z.string().nullable().meta({
      description: 'The name of the site that it was made for; null: not known until its next use.',
    }),
    usable: z.boolean().meta({
      description: 'Whether it can be used on this site: with another public URL it cannot.',
    }),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
  })
  .meta({ id: 'Passkey' })

export const examplePasskey: Wire<typeof passkey> = {
  id: 'psk_2w9f4k1m7xa',
  name: 'Phone',
  backed_up: true,
  host: 'numlet.example.com',
  usable: true,
  created_at: '2026-11-20T09:30:00.000Z',
  last_used_at: null,
}

const exampleId = 'q1Kc0mXo2bV7tYw8eRz3hA'
const exampleHandle = 'R2f0m8cWq5Y1vJxT7bK3nLpZ4sD6hGa9eUoIiMwXyQk'
const exampleChallenge = '5cVxk3m0q8Zy2TnB7wRfJh1sPdLgKa6uEoXiMvYtQbA'

export const exampleCreation: Wire<typeof creationOptions> = {
  rp: { id: 'numlet.example.com', name: 'Numlet' },
  user: { id: exampleHandle, name: 'kim@example.com', displayName: 'Kim' },
  challenge: exampleChallenge,
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  timeout: 300_000,
  attestation: 'none',
  authenticatorSelection: {
    residentKey: 'preferred',
    requireResidentKey: false,
    userVerification: 'preferred',
  },
  excludeCredentials: [],
}

export const exampleRequest = (isAlone: boolean): Wire<typeof requestOptions> => ({
  rpId: 'numlet.example.com',
  challenge: exampleChallenge,
  timeout: 300_000,
  userVerification: isAlone ? 'required' : 'preferred',
  allowCredentials: isAlone ? [] : [{ id: exampleId, type: 'public-key', transports: ['usb'] }],
})

const exampleClientData = (type: string) =>
  Buffer.from(
    JSON.stringify({ type, challenge: exampleChallenge, origin: 'https://numlet.example.com' }),
  ).toString('base64url')

export const exampleNew = {
  id: exampleId,
  rawId: exampleId,
  type: 'public-key',
  response: {
    clientDataJSON: exampleClientData('webauthn.create'),
    attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ',
    transports: ['internal'],
  },
}

export const exampleUsed = {
  id: exampleId,
  rawId: exampleId,
  type: 'public-key',
  response: {
    clientDataJSON: exampleClientData('webauthn.get'),
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAQ',
    signature: 'MEUCIQDc0mXo2bV7tYw8eRz3hAIgQ1Kc0mXo2bV7tYw8eRz3hA',
    userHandle: exampleHandle,
  },
}

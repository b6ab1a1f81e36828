// What browsers are asked for and answer about passkeys, checked by @simplewebauthn/server. No I/O.
// https://www.w3.org/TR/webauthn-3/
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { challengeMs } from './challenges.ts'

/** The site that passkeys are bound to: browsers keep them by the name of its host. */
export type PasskeySite = { readonly host: string; readonly origin: string }

/** What a browser answers, as `toJSON` of its credential gives it. */
export type NewCredential = RegistrationResponseJSON
export type UsedCredential = AuthenticationResponseJSON

/** How the signatures of a key are made: EdDSA, ES256 and RS256 (https://www.iana.org/assignments/cose). */
const algorithms = [-8, -7, -257]

/** A passkey that a user has, as browsers name it. */
export type Named = { readonly credentialId: string; readonly transports: readonly string[] }

const named = ({ credentialId, transports }: Named) => ({
  id: credentialId,
  type: 'public-key' as const,
  transports: [...transports],
})

/** What a browser needs to make a passkey. It should be one that is found without an address, and that asks
 * who is there; a security key that does neither is still a second factor. */
export const creationOptions = (wanted: {
  readonly site: PasskeySite
  readonly platform: string
  readonly challenge: string
  readonly handle: Buffer
  readonly email: string
  readonly name: string
  readonly known: readonly Named[]
}) => ({
  rp: { id: wanted.site.host, name: wanted.platform },
  user: {
    id: wanted.handle.toString('base64url'),
    name: wanted.email,
    displayName: wanted.name === '' ? wanted.email : wanted.name,
  },
  challenge: wanted.challenge,
  pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key' as const, alg })),
  timeout: challengeMs,
  attestation: 'none' as const,
  authenticatorSelection: {
    residentKey: 'preferred' as const,
    requireResidentKey: false,
    userVerification: 'preferred' as const,
  },
  excludeCredentials: wanted.known.map(named),
})
export type CreationOptions = ReturnType<typeof creationOptions>

/** What a browser needs to use a passkey.
 * @param asked.among the keys that may be used; none for signing in, where the user chooses
 * @param asked.isAlone whether the key is to stand for both factors */
export const requestOptions = (asked: {
  readonly site: PasskeySite
  readonly challenge: string
  readonly among: readonly Named[]
  readonly isAlone: boolean
}) => ({
  rpId: asked.site.host,
  challenge: asked.challenge,
  timeout: challengeMs,
  userVerification: asked.isAlone ? ('required' as const) : ('preferred' as const),
  allowCredentials: asked.among.map(named),
})
export type RequestOptions = ReturnType<typeof requestOptions>

/** The challenge that a browser says it answers; '' if it says none. */
export function challengeIn(clientDataJSON: string): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'))
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    // It is no JSON, or null: what answers no challenge is refused like a wrong one.
    return ''
  }
}

/** A new passkey, as it is stored. */
export type MadeKey = {
  readonly credentialId: Buffer
  readonly publicKey: Buffer
  readonly counter: number
  readonly isBackedUp: boolean
}

/** Checks the answer to `creationOptions`. @returns null if it is not right */
export async function madeKey(
  credential: NewCredential,
  challenge: string,
  site: PasskeySite,
): Promise<MadeKey | null> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: await withoutAttestation(credential),
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.host,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    })
    if (!verified) return null
    const { id, publicKey, counter } = registrationInfo.credential
    if (id !== credential.id) return null
    return {
      credentialId: Buffer.from(id, 'base64url'),
      publicKey: Buffer.from(publicKey),
      counter,
      isBackedUp: registrationInfo.credentialBackedUp,
    }
  } catch {
    // The library throws for whatever is wrong with an answer; its text is for developers.
    return null
  }
}

/**
 * The same key without what its maker says of it. We do not ask for that; some browsers pass it on anyway.
 * @NOTE the library would check it, and ask the servers that its certificates name whether they are revoked
 */
async function withoutAttestation(credential: NewCredential): Promise<NewCredential> {
  const { decodeAttestationObject, isoCBOR } = await import('@simplewebauthn/server/helpers')
  const { response } = credential
  const stated = decodeAttestationObject(
    Uint8Array.from(Buffer.from(response.attestationObject, 'base64url')),
  )
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ['fmt', 'none'],
    ['attStmt', new Map<string, string>()],
    ['authData', stated.get('authData')],
  ])
  const attestationObject = Buffer.from(isoCBOR.encode(bare)).toString('base64url')
  return { ...credential, response: { ...response, attestationObject } }
}

/** A passkey as it is stored. */
export type StoredKey = {
  readonly id: number
  readonly userId: number
  readonly handle: Buffer
  readonly credentialId: Buffer
  readonly publicKey: Buffer
}

/** What an answer that is right says besides. */
export type Use = { readonly counter: number; readonly isBackedUp: boolean }

/** Checks the answer to `requestOptions`. @returns null if it is not right */
export async function useOf(
  credential: UsedCredential,
  asked: {
    readonly challenge: string
    readonly site: PasskeySite
    readonly isAlone: boolean
    readonly key: StoredKey
  },
): Promise<Use | null> {
  const { challenge, site, isAlone, key } = asked
  const { userHandle } = credential.response
  // Without an address the key says whose it is; otherwise it may.
  if (userHandle === undefined ? isAlone : userHandle !== key.handle.toString('base64url'))
    return null
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: credential,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.host,
      requireUserVerification: isAlone,
      credential: {
        id: key.credentialId.toString('base64url'),
        publicKey: Uint8Array.from(key.publicKey),
        // Compared with the row locked: passkeys.ts.
        counter: 0,
      },
    })
    if (!verified) return null
    const { newCounter, credentialBackedUp } = authenticationInfo
    return { counter: newCounter, isBackedUp: credentialBackedUp }
  } catch {
    // The library throws for whatever is wrong with an answer; its text is for developers.
    return null
  }
}

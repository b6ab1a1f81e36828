// Passkeys: what the browser is asked to do with them, and what the server says to its answer. The library is
// loaded with the first use.
import { call, type Schemas } from '../api/client.ts'
import { Failure } from '../api/failure.ts'
import type { Session } from './session.ts'

/** Browsers give passkeys to names, never to addresses. */
const hasName = !/^[\d.]+$|^\[/.test(location.hostname)

/** Whether this browser can use passkeys here. */
export const canUsePasskeys = hasName && 'PublicKeyCredential' in window
/** Why not, if it is the address that is in the way. */
export const needsName = !hasName

/** The person closed the browser's question, or its time was over. */
export class PasskeyLeft extends Error {}
/** The authenticator that was chosen has one already. */
export class PasskeyThere extends Error {}

/** What the browser refuses in words that pages have of their own; others are for developers. */
function ownError(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error
  return error.name === 'InvalidStateError' ? new PasskeyThere() : new PasskeyLeft()
}

async function used<T>(path: string): Promise<T> {
  const optionsJSON = await call<Schemas['PasskeyRequestOptions']>('POST', `${path}/options`)
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const credential = await startAuthentication({ optionsJSON }).catch((error: unknown) => {
    throw ownError(error)
  })
  return call<T>('POST', path, { credential })
}

/** Signs in by a passkey alone. @throws Failure, PasskeyLeft */
export const signInByPasskey = () => used<Session>('/v1/session/passkey')

/** Gives a passkey as second factor. @throws Failure, PasskeyLeft */
export const givePasskey = () => used<Session>('/v1/session/second-factor/passkey')

/** Makes a passkey. @throws Failure, PasskeyLeft, PasskeyThere */
export async function addPasskey(name: string): Promise<Schemas['AddedPasskey']> {
  const path = '/v1/user/passkeys'
  const optionsJSON = await call<Schemas['PasskeyCreationOptions']>('POST', `${path}/options`)
  const { startRegistration } = await import('@simplewebauthn/browser')
  const credential = await startRegistration({ optionsJSON }).catch((error: unknown) => {
    throw ownError(error)
  })
  return call('POST', path, { name, credential })
}

// The one way to the API: typed calls that throw a Failure, and that go on after a new sign-in.
import createClient from 'openapi-fetch'
import { connection } from './connection.ts'
import { Failure, failureOf } from './failure.ts'
import type { components, paths } from './generated/schema.d.ts'

export type Schemas = components['schemas']

/** Waits until the person has signed in again. Set by the session; null while nobody is signed in. */
let signedInAgain: (() => Promise<void>) | null = null

/** @param wait what a request that meets an ended session waits for */
export function onSessionEnd(wait: (() => Promise<void>) | null) {
  signedInAgain = wait
}

/** Asks for the second factor again; whether it was given. Set by the session. */
let secondFactorGiven: (() => Promise<boolean>) | null = null

/** @param ask what a request waits for that needs a second factor of the last minutes */
export function onSecondFactorWanted(ask: () => Promise<boolean>) {
  secondFactorGiven = ask
}

const gone = [502, 503, 504]
/** Calls that sign somebody in: what these refuse is said on their own page. */
const signsIn = /\/v1\/(?:session|user\/(?:verify|reset)|invitations)/

async function send(request: Request): Promise<Response> {
  // Mails that a call causes are in the language of the page, not of the browser.
  request.headers.set('accept-language', document.documentElement.lang)
  const again = request.clone()
  let response: Response
  try {
    response = await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    connection.lost()
    throw new Failure(0, {})
  }
  if (gone.includes(response.status)) connection.lost()
  else connection.answered()
  if (signsIn.test(request.url)) return response
  if (response.status === 401 && signedInAgain !== null) {
    // A wrong password or code is also answered with 401.
    if ((await codeOf(response)) === 'wrong_credentials') return response
    await signedInAgain()
    return fetch(again)
  }
  const isWanted = response.status === 403 && (await codeOf(response)) === 'second_factor_required'
  return isWanted && (await secondFactorGiven?.()) ? fetch(again) : response
}

/** The API's code of a refusal, whose body can still be read. */
async function codeOf(response: Response): Promise<unknown> {
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return isProblem(problem) && 'code' in problem ? problem.code : null
}

/** Sends a request that waits for a new sign-in, if need be. */
export const sendRequest = (url: string, init: RequestInit) =>
  send(new Request(new URL(url, location.origin), init))

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send })

/** The data of a call. @throws Failure for everything that is no success */
export async function take<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call
  if (response.ok) return data as T
  const retryAfterS = Number(response.headers.get('retry-after')) || null
  throw new Failure(response.status, isProblem(error) ? error : {}, retryAfterS)
}

const isProblem = (error: unknown): error is object => typeof error === 'object' && error !== null

/** A call by its address, for bodies whose type the caller names. @throws Failure */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await sendRequest(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (!response.ok) throw await failureOf(response)
  return (response.status === 204 ? null : await response.json()) as T
}

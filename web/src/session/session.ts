// Who is signed in: read once, kept by queries, and asked again when a session has ended.
import { queryOptions } from '@tanstack/react-query'
import { call, onSessionEnd, type Schemas } from '../api/client.ts'
import { isFailure } from '../api/failure.ts'
import { queryClient } from '../api/queries.ts'
import { hasChosenLocale, isLocale, showLocale } from '../texts.ts'
import { hasChosenTheme, setTheme, type Theme } from '../theme.ts'

export type Session = Schemas['Session']
export type ActingAccount = Schemas['Membership']

/** How people get in: open sign-up, by invitation only, or closed. */
export type SignUp = {
  readonly sign_up: 'open' | 'invitation' | 'closed'
  readonly platform: string
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () =>
    call<Session>('GET', '/v1/session').catch((error: unknown) => {
      if (isFailure(error) && error.status === 401) return null
      throw error
    }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const signUpQuery = queryOptions({
  queryKey: ['sign-up'],
  queryFn: () => call<SignUp>('GET', '/v1/sign-up'),
  staleTime: Number.POSITIVE_INFINITY,
})

type Listener = () => void

let isEnded = false
let resume: (() => void) | null = null
let resumed: Promise<void> | null = null
const listeners = new Set<Listener>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** Whether the session has ended while pages are open. */
export const ended = {
  isEnded: () => isEnded,
  subscribe(listener: Listener) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

/** Requests that meet an ended session wait here; the sign-in over the page lets them go on. */
function waitForSignIn(): Promise<void> {
  resumed ??= new Promise((resolve) => {
    resume = resolve
    isEnded = true
    tell()
  })
  return resumed
}

/** Takes a new session: after signing in, or after signing in again. */
export function takeSession(session: Session) {
  const before = queryClient.getQueryData(sessionQuery.queryKey)
  const isOther =
    before != null &&
    (before.user.id !== session.user.id || before.account?.id !== session.account?.id)
  // Nothing of one person or account may be shown to another.
  if (isOther) {
    queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }
  queryClient.setQueryData(sessionQuery.queryKey, session)
  if (session.second_factor.needed) return
  onSessionEnd(waitForSignIn)
  showAsWished(session.user)
  if (!isEnded) return
  isEnded = false
  resumed = null
  resume?.()
  tell()
}

/** Where nothing was chosen in this browser, theme and language are those that the person chose elsewhere. */
function showAsWished({ theme, locale }: Session['user']) {
  if (!hasChosenTheme()) setTheme(theme)
  if (!hasChosenLocale() && isLocale(locale)) void showLocale(locale)
}

/** Keeps the person's theme or language for their other browsers. Here it is shown already. */
export async function keepWish(wish: { theme: Theme } | { locale: string }): Promise<void> {
  await call('PATCH', '/v1/user', wish)
}

export const signIn = (email: string, password: string) =>
  call<Session>('POST', '/v1/session', { email, password })

export const giveSecondFactor = (code: string) =>
  call<Session>('POST', '/v1/session/second-factor', { code })

export const switchAccount = (accountId: string) =>
  call<Session>('PATCH', '/v1/session', { account_id: accountId })

/** Ends the session, here and at the server, and forgets what was shown. */
export async function signOut(): Promise<void> {
  onSessionEnd(null)
  await call('DELETE', '/v1/session')
  queryClient.clear()
  queryClient.setQueryData(sessionQuery.queryKey, null)
}

/** The account that pages act in. They are only shown to somebody who is signed in. */
export function accountOf(session: Session | null | undefined): ActingAccount {
  if (!session?.account) throw new Error('nobody is signed in')
  return session.account
}

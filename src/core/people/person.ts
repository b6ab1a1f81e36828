// Who is signed in, and what that lets them do. No I/O.
import type { Principal } from '../accounts/principal.ts'
import type { OwnScope } from '../accounts/scopes.ts'
import { DomainError } from '../error.ts'

export const roles = ['owner', 'member'] as const
export type Role = (typeof roles)[number]

export const staffRoles = ['support', 'admin'] as const
export type StaffRole = (typeof staffRoles)[number]

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const secondFactors = ['totp', 'passkey'] as const
export type SecondFactor = (typeof secondFactors)[number]

/** What a role may do in its account, in the scopes of keys. */
export const scopesOfRole = {
  owner: ['read', 'buy', 'manage'],
  member: ['read', 'buy'],
} as const satisfies Record<Role, readonly OwnScope[]>

/** Somebody's user, as they see it. */
export type User = {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly locale: string | null
  readonly theme: Theme
  readonly isVerified: boolean
  readonly hasPassword: boolean
  readonly secondFactors: readonly SecondFactor[]
  /** The names of the sites that their passkeys were made for; null: not known. */
  readonly passkeyHosts: readonly (string | null)[]
  readonly staff: StaffRole | null
}

/** An account that a user belongs to. */
export type Membership = {
  readonly accountId: number
  readonly name: string
  readonly currency: string
  readonly decimals: number
  readonly state: 'active' | 'suspended'
  readonly role: Role
}

/** The person of a session. */
export type Person = {
  readonly sessionId: bigint
  readonly user: User
  /** The account that the session acts in. */
  readonly account: Membership | null
  /** When the second factor was given last in this session. */
  readonly secondFactorAt: Date | null
  readonly endsAt: Date
}

/** Whether a session lets its person do nothing yet but give the second factor. */
export const needsSecondFactor = ({ user, secondFactorAt }: Person): boolean =>
  user.secondFactors.length > 0 && secondFactorAt === null

/** How old a second factor may be for what is dangerous: money, keys, roles, erasure. */
export const recentFactorS = 15 * 60

/** Checks that the second factor was given a short time ago, if the person has one.
 * @throws second_factor_required */
export function assertRecentSecondFactor({ user, secondFactorAt }: Person, now: Date): void {
  if (user.secondFactors.length === 0) return
  const ageS = secondFactorAt ? (now.getTime() - secondFactorAt.getTime()) / 1000 : Infinity
  if (ageS > recentFactorS)
    throw new DomainError(
      'second_factor_required',
      `Give your second factor again: for this it may be at most ${recentFactorS / 60} minutes old.`,
    )
}

/** Checks that a session may be used for more than ending it or giving the second factor.
 * @throws second_factor_required */
export function assertComplete(person: Person): void {
  if (needsSecondFactor(person))
    throw new DomainError('second_factor_required', 'Give your second factor first.')
}

/** The caller that a session is in its account.
 * @throws second_factor_required, forbidden if it acts in no account, account_suspended */
export function principalOf(person: Person): Principal {
  assertComplete(person)
  const { account, sessionId } = person
  if (!account)
    throw new DomainError('forbidden', 'You are not a member of an account, so there is none here.')
  if (account.state !== 'active')
    throw new DomainError('account_suspended', 'The account is suspended.')
  return {
    kind: 'session',
    id: Number(sessionId),
    accountId: account.accountId,
    currency: account.currency,
    decimals: account.decimals,
    scopes: scopesOfRole[account.role],
    defaultCountry: null,
    errorForm: 'plain',
  }
}

/** The second factors that can be given on a site: a passkey only where it was made. */
export const factorsOn = (
  { secondFactors, passkeyHosts }: User,
  host: string | null,
): readonly SecondFactor[] =>
  secondFactors.filter(
    (one) => one !== 'passkey' || passkeyHosts.some((each) => each === null || each === host),
  )

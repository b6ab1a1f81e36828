// People and their sessions as one object, with the database and the clock inside. What operators do with
// them is in src/core/operating/people.ts.
import type { Database } from '../../db/database.ts'
import type { SignUpMode } from '../settings.ts'
import { changePassword } from './change-password.ts'
import { chooseNotices, type NoticeChoice, noticesOf } from './notices.ts'
import { type Passwords, passwords } from './password.ts'
import type { Membership, Person } from './person.ts'
import {
  type Begun,
  endSession,
  endSessions,
  type ListedSession,
  lastSeenNotes,
  listSessions,
  membershipsOf,
  type RecogniseSession,
  sessionRecogniser,
  switchAccount,
} from './sessions.ts'
import { type From, signIn, signInByLink } from './sign-in.ts'
import { type Asking, requestReset, requestSignUp, reset, verify } from './sign-up.ts'
import { changeUser, emailOf, type UserChange } from './users.ts'

type Credentials = { readonly email: string; readonly password: string }

export type People = {
  /** The person of a session. */
  readonly recognise: RecogniseSession
  /** @throws wrong_credentials, too_many_attempts, rate_limited, account_suspended */
  signIn(credentials: Credentials, from: From): Promise<Begun>
  /** @throws link_not_valid, account_suspended */
  signInByLink(token: string, from: From): Promise<Begun>
  /** Asks for a user; the rest is in a mail.
   * @throws invalid_request, sign_up_closed, too_many_attempts, rate_limited */
  requestSignUp(
    wanted: Credentials & { readonly name: string; readonly mode: SignUpMode },
    from: Asking,
  ): Promise<void>
  /** Creates the user that a sign-up asked for. @throws link_not_valid */
  verify(token: string, from: From): Promise<Begun>
  /** Asks for a link that sets a new password. @throws too_many_attempts */
  requestReset(email: string, from: Asking): Promise<void>
  /** @throws link_not_valid, invalid_request, rate_limited, account_suspended */
  reset(wanted: { readonly token: string; readonly password: string }, from: From): Promise<Begun>
  /** Ends the person's own session. */
  signOut(person: Person): Promise<void>
  /** The accounts that a user belongs to. */
  memberships(userId: number): Promise<Membership[]>
  /** Has a session act in another account. @throws not_found */
  switchAccount(person: Person, accountId: number): Promise<void>
  change(userId: number, change: UserChange): Promise<void>
  /** Which mails about their accounts a user gets. */
  notices(userId: number): Promise<NoticeChoice>
  /** Switches them on and off. @returns all of them */
  chooseNotices(userId: number, choice: Partial<NoticeChoice>): Promise<NoticeChoice>
  /** @throws invalid_request, wrong_credentials, too_many_attempts */
  changePassword(
    wanted: { readonly person: Person; readonly current: string | null; readonly password: string },
    from: From,
  ): Promise<void>
  sessions(userId: number): Promise<ListedSession[]>
  /** @throws not_found */
  endSession(userId: number, sessionId: bigint): Promise<void>
  /** Ends all sessions of the person but this one. @returns how many */
  endOthers(person: Person): Promise<number>
  readonly passwords: Passwords
  /** Writes what was noted of uses of sessions. */
  flush(): Promise<void>
}

/** Composes the verbs on people. */
export function peopleVerbs({ db, clock }: { db: Database; clock: () => Date }): People {
  const checker = passwords()
  const notes = lastSeenNotes(db)
  return {
    recognise: sessionRecogniser(db, notes.seen),
    signIn: ({ email, password }, from) =>
      signIn(db, checker, clock(), { email: emailOf(email), password, from }),
    signInByLink: (token, from) => signInByLink(db, clock(), token, from),
    requestSignUp: (wanted, from) =>
      requestSignUp(db, checker, clock(), { ...wanted, email: emailOf(wanted.email), from }),
    verify: (token, from) => verify(db, clock(), token, from),
    requestReset: (email, from) => requestReset(db, clock(), emailOf(email), from),
    reset: (wanted, from) => reset(db, checker, clock(), { ...wanted, from }),
    signOut: async ({ user, sessionId }) => {
      await endSessions(db, clock(), user.id, { only: sessionId })
    },
    memberships: (userId) => membershipsOf(db, userId),
    switchAccount: ({ user, sessionId }, accountId) =>
      switchAccount(db, user.id, sessionId, accountId),
    change: (userId, change) => changeUser(db, userId, change),
    notices: (userId) => noticesOf(db, userId),
    chooseNotices: (userId, choice) => chooseNotices(db, userId, choice),
    changePassword: (wanted, from) => changePassword(db, checker, clock(), { ...wanted, from }),
    sessions: (userId) => listSessions(db, clock(), userId),
    endSession: (userId, sessionId) => endSession(db, clock(), userId, sessionId),
    endOthers: ({ user, sessionId }) => endSessions(db, clock(), user.id, { except: sessionId }),
    passwords: checker,
    flush: notes.flush,
  }
}

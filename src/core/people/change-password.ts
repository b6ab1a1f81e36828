// Changing a password: by its user, who knows the current one. All other sessions of the user end.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { claimAttempt, forgetAttempts, settleAttempt } from './attempts.ts'
import { queueMail } from './mails.ts'
import type { Passwords } from './password.ts'
import { assertAcceptable } from './password-rules.ts'
import type { Person } from './person.ts'
import { endSessions, notSignedIn } from './sessions.ts'
import type { From } from './sign-in.ts'
import { lockUser, setPassword, userByEmail } from './users.ts'

/** Changes or sets the password of whoever is signed in. Other sessions end.
 * @param wanted.current null only if the user has none yet
 * @throws invalid_request, wrong_credentials, too_many_attempts, rate_limited */
export async function changePassword(
  db: Database,
  checker: Passwords,
  now: Date,
  wanted: {
    readonly person: Person
    readonly current: string | null
    readonly password: string
    readonly from: From
  },
): Promise<void> {
  const { person, current, password, from } = wanted
  const { id, email } = person.user
  assertAcceptable(password, email, 'new')
  const user = await userByEmail(db, email)
  if (user?.id !== id) throw notSignedIn()
  if (user.password !== null) {
    // A stolen session must not be a way to guess the password.
    const attempt = { email, network: from.network }
    await db.begin((tx) => claimAttempt(tx, now, attempt))
    if (!(await checker.matches(current ?? '', user.password))) throw wrongPassword()
    await settleAttempt(db, attempt)
  }
  const stored = await checker.hash(password)
  await db.begin(async (tx) => {
    const locked = await lockUser(tx, id)
    if (!locked || locked.password !== user.password) throw wrongPassword()
    await setPassword(tx, id, stored)
    await forgetAttempts(tx, email)
    await endSessions(tx, now, id, { except: person.sessionId })
    if (from.origin !== null)
      await queueMail(tx, now, {
        kind: 'password_changed',
        email,
        userId: id,
        origin: from.origin,
        language: from.language,
        facts: { device: from.device, address: from.address, at: now.toISOString() },
      })
  })
}

const wrongPassword = () =>
  new DomainError('wrong_credentials', 'The current password is wrong.', {
    fields: [{ pointer: '/current', detail: 'is not your password' }],
  })

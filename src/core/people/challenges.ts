// Challenges of passkeys: random, answered once, within five minutes, and where somebody is signed in only in
// the session that asked for them. They are stored as their SHA-256.
import type { Database, Tx } from '../../db/database.ts'
import { hashOf } from '../accounts/key.ts'
import { newToken } from './sessions.ts'

export type ChallengePurpose = 'register' | 'sign_in' | 'second_factor'

/** How long a challenge may be answered. */
export const challengeMs = 5 * 60_000

/** What a challenge is for, and the session that asks; null for signing in. */
export type Asked = { readonly purpose: ChallengePurpose; readonly sessionId: bigint | null }

/** Makes a challenge. Those that the session asked for before are valid no more. */
export async function makeChallenge(
  tx: Tx,
  now: Date,
  { purpose, sessionId }: Asked,
): Promise<string> {
  const challenge = newToken()
  if (sessionId !== null)
    await tx.query('delete from passkey_challenges where session_id = $1 and purpose = $2', [
      sessionId,
      purpose,
    ])
  await tx.query(
    'insert into passkey_challenges (hash, purpose, session_id, ends_at) values ($1, $2, $3, $4)',
    [hashOf(challenge), purpose, sessionId, new Date(now.getTime() + challengeMs)],
  )
  return challenge
}

/** Uses a challenge up, whatever its answer is worth. Of many calls at once, one gets it.
 * @returns false if it is none that was asked for, or its time is over */
export async function useChallenge(
  db: Database,
  now: Date,
  challenge: string,
  { purpose, sessionId }: Asked,
): Promise<boolean> {
  const rows = await db.once<{ ends_at: Date }>(
    `delete from passkey_challenges
      where hash = $1 and purpose = $2 and session_id is not distinct from $3 returning ends_at`,
    [hashOf(challenge), purpose, sessionId],
  )
  return rows[0] !== undefined && rows[0].ends_at > now
}

/** Forgets challenges that nobody answered.
 * @returns the number deleted; 5,000 means that there may be more */
export async function forgetChallenges(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `delete from passkey_challenges where hash in (select hash from passkey_challenges
       where ends_at <= $1 limit 5000 for update skip locked) returning 1 as yes`,
    [now],
  )
  return rows.length
}

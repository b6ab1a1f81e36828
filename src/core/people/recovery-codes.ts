// Recovery codes: each stands in for the second factor once.
import { randomBytes } from 'node:crypto'
import type { Queryable, Tx } from '../../db/database.ts'
import { hashOf } from '../accounts/key.ts'

export const recoveryCodeCount = 10

/** Letters and digits without those that look alike. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
const codeLength = 16

/** A code of 79 random bits: xxxx-xxxx-xxxx-xxxx. */
function newRecoveryCode(): string {
  let text = ''
  while (text.length < codeLength)
    for (const byte of randomBytes(codeLength * 2)) {
      // @NOTE 248 = 8 * 31: bytes above it would favour the first letters
      if (byte < 248 && text.length < codeLength) text += alphabet[byte % 31]
    }
  return text.replace(/(.{4})(?=.)/g, '$1-')
}

/** A code as it is hashed, however it was typed. */
const bare = (code: string) => code.toLowerCase().replace(/[\s-]/g, '')

/** Gives a user new codes; the old ones count no more. Only this answer has them. */
export async function replaceRecoveryCodes(tx: Tx, userId: number): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodeCount }, newRecoveryCode)
  await forgetRecoveryCodes(tx, userId)
  await tx.query('insert into recovery_codes (user_id, hash) select $1, unnest($2::bytea[])', [
    userId,
    codes.map((code) => hashOf(bare(code))),
  ])
  return codes
}

/** Uses a code up. Of many calls at once, one gets it. @returns false if it is none of the user's */
export async function useRecoveryCode(
  tx: Tx,
  now: Date,
  one: { readonly userId: number; readonly code: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update recovery_codes set used_at = $3
      where user_id = $1 and hash = $2 and used_at is null returning 1 as yes`,
    [one.userId, hashOf(bare(one.code)), now],
  )
  return rows.length > 0
}

export async function forgetRecoveryCodes(db: Queryable, userId: number): Promise<void> {
  await db.query('delete from recovery_codes where user_id = $1', [userId])
}

// The queue of mails to users. A mail is written in the transaction that caused it; what it says, and the
// token of its link, is made when it is sent (src/mail/mailer.ts).
import type { Queryable } from '../../db/database.ts'
import type { Language } from './language.ts'
import { noticeKinds } from './notices.ts'

/** What users get mails about. */
export const mailKinds = [
  ...noticeKinds,
  'sign_up',
  'reset',
  'guessing',
  'new_sign_in',
  'password_changed',
  'invitation',
  'code_guessing',
  'factor_added',
  'factor_removed',
  'recovery_code_used',
  'recovery_codes_made',
  'passkey_copied',
] as const
export type MailKind = (typeof mailKinds)[number]

export type NewMail = {
  readonly kind: MailKind
  readonly email: string
  /** The origin of its links. */
  readonly origin: string
  readonly userId?: number
  readonly accountId?: number
  /** What whoever asks for it reads; somebody who has chosen a language gets that one. */
  readonly language?: Language | null | undefined
  /** What the text needs besides. Never a token. */
  readonly facts?: Readonly<Record<string, string | null>>
}

/** Queues a mail. */
export async function queueMail(db: Queryable, now: Date, mail: NewMail): Promise<void> {
  await db.query(
    `insert into mails (kind, email, origin, user_id, account_id, facts, due_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)`,
    [
      mail.kind,
      mail.email,
      mail.origin,
      mail.userId ?? null,
      mail.accountId ?? null,
      JSON.stringify({ ...mail.facts, ...(mail.language ? { language: mail.language } : {}) }),
      now,
    ],
  )
}

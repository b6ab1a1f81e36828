// The error for emails that cannot be accepted.

/** Something that is not an email, or one built to waste resources. It is refused permanently. */
export class BadMail extends Error {
  override readonly name = 'BadMail'
}

// The one error of mails that cannot be taken.

/** A mail that is not one, or one that was made to be a burden. It is refused for good. */
export class BadMail extends Error {
  override readonly name = 'BadMail'
}

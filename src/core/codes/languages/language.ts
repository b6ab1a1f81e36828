// What a language contributes: lists of words, each a kind of thing said around a code.

/**
 * Words are separated by commas. A star at the end makes a stem ("kod*" finds "kodunuz"), a star
 * in front lets anything stand before it ("*scode" finds "Sicherheitscode"). Accents and case do
 * not matter: both sides are folded alike.
 */
export type Language = {
  readonly id: string
  /** What a one-time code is called: code, PIN, password. */
  readonly code?: string
  /** Names that leave no doubt: OTP, one-time password, verification code. */
  readonly strong?: string
  /** "Enter", "type", "use": said right before or after the code. */
  readonly use?: string
  /** "With", "by means of": said right before the code, with what it is for in the sentence. */
  readonly by?: string
  /** What codes are for: verify, log in, confirm, register. */
  readonly auth?: string
  /** Things with a code or number of their own: order, booking, promotion, parcel, error. */
  readonly other?: string
  /** Things a number is said of: account, card, amount, reference, customer. */
  readonly ref?: string
  /** "Ending in", said behind the number that is the end of another. */
  readonly ends?: string
  /** Call, hotline, reply, text to: the number after it is dialled. */
  readonly call?: string
  /** Old, expired, previous, cancelled. */
  readonly old?: string
  /** "Replaced by": the number before it is old, the one behind it new. */
  readonly gone?: string
  /** "Not", said right before the number that is not meant. */
  readonly not?: string
  /** "Not" in languages that say it right behind the number. */
  readonly notAfter?: string
  /** New, current. */
  readonly fresh?: string
  /** "Now it is": of two numbers alike the one behind or beside it is meant. */
  readonly now?: string
  /** Minutes, seconds, hours, days, attempts, digits. */
  readonly time?: string
  /** Points, kilometres, gigabytes, people: the number beside it is a quantity. */
  readonly unit?: string
  readonly money?: string
  /** Never, do not: the sentence warns. */
  readonly warn?: string
  /** Balance, "has been paid": the money has moved already, and no code is asked for any more. */
  readonly settled?: string
  /** Charged, approved, and what stands on a slip: a payment that is over. */
  readonly done?: string
  /** The most common words of all, which only tell the language. */
  readonly small?: string
  /** Zero to nine, ten entries; a slash between alternatives. */
  readonly digits?: string
}

// What becomes of mails to users, from the error of an attempt, and counts of it.

export const outcomes = [
  'sent',
  'postponed', // tried again later
  'refused', // by the mail server, which will again
  'given_up', // after many attempts
  'unknown', // it may have been sent, and is not sent again
] as const
export type Outcome = (typeof outcomes)[number]

export type OutcomeCounts = {
  add(outcome: Outcome, mails?: number): void
  /** Since the process started. */
  all(): ReadonlyMap<Outcome, number>
}

export function outcomeCounts(): OutcomeCounts {
  const counts = new Map(outcomes.map((outcome) => [outcome, 0]))
  return {
    add: (outcome, mails = 1) => void counts.set(outcome, (counts.get(outcome) ?? 0) + mails),
    all: () => counts,
  }
}

type Failure = {
  readonly code?: string
  readonly responseCode?: number
  readonly command?: string
}

/**
 * What an attempt that failed means.
 * @param isHanded whether the last byte may have been sent
 */
export function verdictOn(error: unknown, isHanded: boolean): 'refused' | 'postponed' | 'unknown' {
  const { code, responseCode = 0, command } = error as Failure
  // What is wrong with the sender's address or password is wrong with every mail, and the operator mends it.
  if (responseCode >= 500 && isOfThisMail(error) && command !== 'MAIL FROM') return 'refused'
  // Without an answer to the last byte, and only then, nobody knows.
  if (isHanded && responseCode === 0 && code !== 'ESTREAM') return 'unknown'
  return 'postponed'
}

/** Whether others may fare better than this mail: it was answered, and the connection is not at fault. */
export const isOfThisMail = (error: unknown): boolean => {
  const { code, responseCode } = error as Failure
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== 421
}

/** What the log may have of an error. @NOTE not the message: it may have the address */
export function factsOf(error: unknown) {
  const { code = 'unknown', responseCode = null } = error as Failure
  return { code, response: responseCode }
}

// Counts the outcomes of emails received by this node, for its metrics.

const mailOutcomes = [
  'delivered', // to an order
  'kept', // for no order: the inbox's filter did not accept it, or the inbox had just closed
  'duplicate',
  'no-inbox',
  'too-large',
  'malformed',
  'unavailable',
] as const
export type MailOutcome = (typeof mailOutcomes)[number]

export type MailCounts = {
  add(outcome: MailOutcome): void
  /** Since the process started. */
  all(): ReadonlyMap<MailOutcome, number>
}

export function mailCounts(): MailCounts {
  const counts = new Map(mailOutcomes.map((outcome) => [outcome, 0]))
  return {
    add: (outcome) => void counts.set(outcome, (counts.get(outcome) ?? 0) + 1),
    all: () => counts,
  }
}

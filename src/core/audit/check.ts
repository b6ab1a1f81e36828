// What a check of the audit is: a promise, and the statement that finds whatever breaks it.

export type Check = {
  readonly name: string
  /** What the statement looks through, counted for the report. */
  readonly over: Subject
  /** Yields a row for each thing that is wrong, its column `id` naming it: a row's number, an account,
   * a currency; never a code, a text, a phone number or a key. */
  readonly sql: string
}

/** What is looked through: tables, and what their rows are called. */
export const subjects = {
  transfers: 'transfers',
  ledger_accounts: 'ledger accounts',
  orders: 'orders',
  order_services: 'services of orders for several',
  leases: 'leases',
  stock: 'rows of stock',
  accounts: 'accounts',
  messages: 'messages',
  inboxes: 'inboxes',
  email_domains: 'mail domains',
  events: 'events',
  deposits: 'deposits',
  esim_plans: 'eSIM plans',
  esim_codes: 'eSIM codes',
} as const
export type Subject = keyof typeof subjects

/**
 * How far an order may reach into the next one on the same number before it counts as an overlap, and a
 * message beyond its order. Times are those at which requests came in, on clocks of several machines; who
 * has a number is decided by locks, and two that have it at once are found without any tolerance.
 */
export const clockTolerance = `interval '5 seconds'`

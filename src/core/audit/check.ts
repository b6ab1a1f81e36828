// A check of the audit: a promise, and the statement that finds violations.

export type Check = {
  readonly name: string
  /** The table to check; its rows are counted for the report. */
  readonly over: Subject
  /** Returns one row per violation. The column `id` names it: a row's number, an account or a currency;
   * never a code, a text, a phone number or a key. The table `clock` has the time, in its column `now`. In an
   * increment the names of large tables stand for a part of them (`scope.ts`). */
  readonly sql: string
  /** Whether it compares times that different nodes have written: wrong clocks violate it, too. */
  readonly comparesTimes?: true
}

/** What a check has found. */
export type Finding = { readonly name: string; readonly ok: boolean; readonly detail: string }

/** The tables that are checked, and the names of their rows. */
export const subjects = {
  transfers: 'transfers',
  ledger_accounts: 'ledger accounts',
  orders: 'orders',
  order_services: 'services of orders for several',
  leases: 'leases',
  allocations: 'allocations',
  upstream_leases: 'leases of suppliers’ numbers',
  stock: 'rows of stock',
  accounts: 'accounts',
  messages: 'messages',
  inboxes: 'inboxes',
  email_domains: 'mail domains',
  events: 'events',
  deposits: 'deposits',
  esim_plans: 'eSIM plans',
  esim_codes: 'eSIM codes',
  archived_months: 'archived months',
  inbound_requests: 'requests of vendors',
  split_messages: 'messages in parts',
} as const
export type Subject = keyof typeof subjects

/**
 * How far an order may overlap the next one on the same number, and how long after its order a message may
 * arrive. These are times of requests, taken from the clocks of several machines. Locks decide who has a
 * number, so two simultaneous holders are reported without any tolerance.
 */
export const clockTolerance = `interval '5 seconds'`

// The demo's mail domains. Their names are reserved for examples, so mail arrives only by the local port.
// The simulator writes to their inboxes.
import { addDomain, type NewDomain } from './core/inboxes/domains.ts'
import { type Amount, parseAmount } from './core/money.ts'
import type { Tx } from './db/database.ts'

const usd = (text: string) => parseAmount(text) as Amount
const simulated = true

const domains: readonly NewDomain[] = [
  {
    domain: 'post.example.net',
    price: usd('0.04'),
    cancellationFee: usd('0.01'),
    sessionS: 600,
    capacity: 500,
    successRate: 78,
    simulated,
  },
  {
    domain: 'inbox.example.com',
    price: usd('0.06'),
    cancellationFee: usd('0.01'),
    capacity: 1_000,
    successRate: 91,
    simulated,
  },
  { domain: 'mail.example.org', price: usd('0.10'), capacity: 250, successRate: 96, simulated },
]

export async function putDemoDomains(tx: Tx): Promise<void> {
  for (const domain of domains) await addDomain(tx, domain)
}

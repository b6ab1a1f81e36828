// `numlet domains`: mail domains, whose inboxes are let.
import type { Command } from 'commander'
import { logged } from '../core/audit/log.ts'
import { baseCurrency } from '../core/catalog/rates.ts'
import {
  addDomain,
  defaultSessionS,
  type MailDomain,
  readDomains,
  setDomain,
} from '../core/inboxes/domains.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addDomains(noun: Command): void {
  verb(noun, 'list', 'all mail domains, with their terms and what is open').action(list)
  verb(noun, 'add', 'let inboxes of a domain; its MX must lead to this server’s mail port')
    .argument('<domain>', 'such as mail.example.com')
    .requiredOption('--price <usd>', 'of an inbox, in US dollars', read.amount)
    .requiredOption('--capacity <n>', 'inboxes that may be open at once', read.count)
    .option('--fee <usd>', 'for cancelling before a mail', read.amount, 0n)
    .option(
      '--session <s>',
      'seconds that an inbox lives on after a mail',
      read.count,
      defaultSessionS,
    )
    .action(add)
  verb(noun, 'set', 'change a domain’s terms; inboxes that are open keep theirs')
    .argument('<domain>', 'which one')
    .option('--price <usd>', 'of an inbox, in US dollars', read.amount)
    .option('--capacity <n>', 'inboxes that may be open at once', read.count)
    .option('--fee <usd>', 'for cancelling before a mail', read.amount)
    .option('--session <s>', 'seconds that an inbox lives on after a mail', read.count)
    .option('--open', 'let inboxes of it')
    .option('--closed', 'let no more of them')
    .action(set)
}

const baseDecimals = 2

const shownAs = (domain: MailDomain) => ({
  domain: domain.domain,
  price: formatAmount(domain.price, baseDecimals),
  fee: formatAmount(domain.cancellationFee, baseDecimals),
  currency: baseCurrency,
  session: domain.sessionS,
  capacity: domain.capacity,
  open_inboxes: domain.openInboxes,
  state: domain.active ? 'open' : 'closed',
})

function list(shown: Shown) {
  return withSession(async ({ db }) => printList(shown, (await readDomains(db)).map(shownAs)))
}

type Terms = { price?: Amount; capacity?: number; fee?: Amount; session?: number }

function add(domain: string, wanted: Shown & Required<Terms>) {
  const { price, capacity, fee: cancellationFee, session: sessionS } = wanted
  return withSession(async ({ db }) => {
    const added = await logged(
      db,
      (one) =>
        one.begin((tx) => addDomain(tx, { domain, price, capacity, cancellationFee, sessionS })),
      (done) => ({ actor, action: 'domain.add', detail: shownAs(done) }),
    )
    printThing(wanted, shownAs(added))
  })
}

function set(domain: string, wanted: Shown & Terms & { open?: boolean; closed?: boolean }) {
  const { price, capacity, fee: cancellationFee, session: sessionS } = wanted
  const active = wanted.closed ? false : wanted.open
  return withSession(async ({ db }) => {
    const changed = await logged(
      db,
      (one) => setDomain(one, domain, { price, capacity, cancellationFee, sessionS, active }),
      (done) => ({ actor, action: 'domain.set', detail: shownAs(done) }),
    )
    printThing(wanted, shownAs(changed))
  })
}

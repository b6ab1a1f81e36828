// `numlet domains`: the mail domains in which inboxes are sold.
import type { Command } from 'commander'
import { defaultSessionS, readDomains } from '../core/inboxes/domains.ts'
import type { Amount } from '../core/money.ts'
import { addMailDomain, changeMailDomain, termsOf } from '../core/operating/mail-domains.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

const price = ['--price <usd>', 'Price of an inbox, in US dollars', read.amount] as const
const capacity = ['--capacity <count>', 'Inboxes that may be open at once', read.count] as const
const fee = '--fee <usd>'
const feeMeaning = 'Fee for cancelling before a mail arrives, in US dollars'
const session = '--session <seconds>'
const sessionMeaning = 'Seconds that an inbox stays open after a mail'

export function addDomains(noun: Command): void {
  verb(noun, 'list', 'List mail domains with their terms, by name')
    .option('--limit <count>', 'Number of domains to list', read.limit, 1_000)
    .action(list)
  act(noun, 'add', 'Sell inboxes of a domain; its MX record must lead to this server')
    .argument('<domain>', 'Domain, such as mail.example.com')
    .requiredOption(...price)
    .requiredOption(...capacity)
    // @NOTE no bigint as a default: commander writes defaults into the help as JSON, which has no bigint
    .option(fee, `${feeMeaning} (default: 0)`, read.amount)
    .option(session, sessionMeaning, read.count, defaultSessionS)
    .action(add)
  act(noun, 'set', 'Change the terms of a domain; open inboxes keep theirs')
    .argument('<domain>', 'Domain to change')
    .option(...price)
    .option(...capacity)
    .option(fee, feeMeaning, read.amount)
    .option(session, sessionMeaning, read.count)
    .option('--open', 'Sell inboxes of it')
    .option('--closed', 'Stop selling inboxes of it')
    .action(set)
}

function list(wanted: Shown & { limit: number }) {
  return withSession(async ({ db }) =>
    printList(wanted, (await readDomains(db, wanted.limit)).map(termsOf)),
  )
}

type Terms = { price: Amount; capacity: number; fee?: Amount; session?: number }

const termsIn = (wanted: Partial<Terms>) => ({
  cancellationFee: wanted.fee,
  sessionS: wanted.session,
})

function add(domain: string, wanted: Reasoned & Terms) {
  return withSession(async ({ db, by }) => {
    const { price, capacity } = wanted
    const terms = { domain, price, capacity, ...termsIn(wanted) }
    printThing(wanted, termsOf(await addMailDomain(db, by(wanted.reason), terms)))
  })
}

function set(domain: string, wanted: Reasoned & Partial<Terms> & { open?: true; closed?: true }) {
  return withSession(async ({ db, by }) => {
    const { price, capacity } = wanted
    const change = {
      price,
      capacity,
      ...termsIn(wanted),
      active: wanted.closed ? false : wanted.open,
    }
    printThing(wanted, termsOf(await changeMailDomain(db, by(wanted.reason), domain, change)))
  })
}

// `numlet services`: the sites and apps that codes are for. No API sells closed ones.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { closeService } from '../core/catalog/deny-list.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import * as operating from '../core/operating/services.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { findService } from './places.ts'
import { addTrying } from './services-try.ts'
import { type Session, withSession } from './session.ts'

const whichService = 'Slug of the service'

export function addServices(noun: Command): void {
  verb(noun, 'list', 'List all services').action(list)
  verb(noun, 'show', 'Show one service with its senders, words and rules')
    .argument('<slug>', whichService)
    .action((slug: string, shown: Shown) =>
      withSession(async (session) => printThing(shown, await shownOf(session, slug))),
    )
  terms(act(noun, 'add', 'Add a service of your own; it is sold once it has offers'))
    .argument('<slug>', 'Slug: lower-case letters, digits, dots, - and _')
    .requiredOption('--name <name>', 'Name that customers see')
    .action(add)
  terms(act(noun, 'set', 'Change a service; what you set outlasts upgrades'))
    .argument('<slug>', whichService)
    .option('--name <name>', 'Name that customers see')
    .action(set)
  addTrying(noun)
  act(noun, 'close', 'Stop selling a service; open orders go on')
    .argument('<slug>', whichService)
    .action((slug: string, wanted: Reasoned) => setClosed(slug, true, wanted))
  act(noun, 'open', 'Sell a service again')
    .argument('<slug>', whichService)
    .action((slug: string, wanted: Reasoned) => setClosed(slug, false, wanted))
}

const clearing = 'none clears the list'

function terms(command: Command): Command {
  return command
    .option('--category <slug>', 'Category, such as messenger or shop')
    .option('--senders <names...>', `Senders of its messages; ${clearing}`)
    .option('--words <phrases...>', `Words that its messages are known by; ${clearing}`)
    .option(
      '--rules <patterns...>',
      `Regular expressions whose first group is the code; ${clearing}`,
    )
    .option('--takes-any', 'Assign it messages that match no other order')
    .option('--no-takes-any', 'Assign it only messages that are known to be for it')
    .option('--site <domain>', 'Domain that its mails come from; an empty text clears it')
    .option('--default-price <usd>', 'Price of an activation if no offer sets one', read.amount)
}

type Terms = Reasoned & {
  name?: string
  category?: string
  senders?: string[]
  words?: string[]
  rules?: string[]
  takesAny?: boolean
  site?: string
  defaultPrice?: Amount
}

/** A list of arguments: `none` alone is the empty list. */
const listOf = (words: readonly string[] | undefined) =>
  words?.length === 1 && words[0] === 'none' ? [] : words

const termsIn = (wanted: Terms): operating.ServiceTerms => ({
  name: wanted.name,
  category: wanted.category,
  senders: listOf(wanted.senders),
  words: listOf(wanted.words),
  rules: listOf(wanted.rules),
  takesAny: wanted.takesAny,
  site: wanted.site,
  defaultPrice: wanted.defaultPrice,
})

function list(shown: Shown) {
  return withSession(async ({ db }) => {
    const { services } = await readCatalog(db)
    printList(
      shown,
      services.map(({ slug, id, name, category, closed }) => ({
        service: slug,
        id,
        name,
        category,
        closed,
      })),
    )
  })
}

async function shownOf({ db }: Session, slug: string) {
  const service = await operating.findService(db, slug)
  const { defaultPrice } = service
  return {
    service: service.slug,
    id: service.id,
    name: service.name,
    category: service.category,
    closed: service.closed,
    takes_any: service.takesAny,
    site: service.site,
    default_price: defaultPrice === null ? null : formatAmount(defaultPrice, 2),
    senders: service.senders,
    words: service.words,
    rules: service.rules,
  }
}

function add(slug: string, wanted: Terms & { name: string }) {
  return withSession(async (session) => {
    const { db, by } = session
    await operating.addService(db, by(wanted.reason), slug, {
      ...termsIn(wanted),
      name: wanted.name,
    })
    printThing(wanted, await shownOf(session, slug))
  })
}

function set(slug: string, wanted: Terms) {
  return withSession(async (session) => {
    const { db, by } = session
    await operating.changeService(db, by(wanted.reason), slug, termsIn(wanted))
    printThing(wanted, await shownOf(session, slug))
  })
}

function setClosed(text: string, closed: boolean, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const { slug } = findService(await readCatalog(db), text)
    await closeService(db, by(wanted.reason), slug, closed)
    printThing(wanted, { service: slug, closed })
  })
}

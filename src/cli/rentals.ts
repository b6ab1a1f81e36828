// `numlet rentals`: offers of numbers for hours or days.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import type { Amount } from '../core/money.ts'
import * as operating from '../core/operating/offers.ts'
import * as read from './arguments.ts'
import { placeIn, setSold, shownOffer } from './offers.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addRentals(noun: Command): void {
  verb(noun, 'list', 'List all offers of rentals, also withdrawn ones')
    .option('--service <slug>', 'Only of this service')
    .option('--country <code>', 'Only of this country (ISO 3166)', read.countryCode)
    .action(list)
  act(noun, 'add', 'Offer rentals of numbers, or change the price of such an offer')
    .requiredOption('--service <slug>', 'Service that the codes are for')
    .requiredOption('--country <code>', 'Country of the numbers (ISO 3166)', read.countryCode)
    .requiredOption('--operator <slug>', 'Mobile network of the numbers')
    .requiredOption('--pool <id>', 'Pool of the numbers')
    .requiredOption('--duration <time>', 'Length of a rental: 3d, 12h', read.duration)
    .requiredOption('--price <usd>', 'Price in US dollars', read.amount)
    .action(add)
  act(noun, 'price', 'Change the price of a rental; running ones renew at the new price')
    .argument('<offer>', 'Number of the offer', read.count)
    .argument('<usd>', 'New price in US dollars', read.amount)
    .action(price)
  act(noun, 'withdraw', 'Stop offering a rental; running ones go on to their end')
    .argument('<offer>', 'Number of the offer', read.count)
    .action((id: number, wanted: Reasoned) => setSold(id, false, wanted, 'rental'))
  act(noun, 'restore', 'Offer a withdrawn rental again')
    .argument('<offer>', 'Number of the offer', read.count)
    .action((id: number, wanted: Reasoned) => setSold(id, true, wanted, 'rental'))
}

function list(wanted: Shown & { service?: string; country?: string }) {
  return withSession(async ({ db }) => {
    const { service, country } = wanted
    const offers = await operating.allOffers(db, { kinds: ['rental'], service, country })
    printList(wanted, offers.map(shownOffer))
  })
}

type NewRental = Reasoned & {
  service: string
  country: string
  operator: string
  pool: string
  duration: number
  price: Amount
}

function add(wanted: NewRental) {
  return withSession(async ({ db, by }) => {
    const catalog = await readCatalog(db)
    const { after } = await operating.set(db, by(wanted.reason), {
      kind: 'rental',
      ...placeIn(catalog, wanted),
      durationS: wanted.duration,
      price: wanted.price,
    })
    printThing(wanted, shownOffer(after))
  })
}

function price(id: number, amount: Amount, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    await operating.requireKind(db, id, 'rental')
    const offer = await operating.reprice(db, by(wanted.reason), id, amount)
    printThing(wanted, shownOffer(offer))
  })
}

// `numlet services`: the sites and apps that codes are for; no API sells closed ones.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { closeService } from '../core/catalog/deny-list.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addServices(noun: Command): void {
  verb(noun, 'list', 'List all services').action(list)
  act(noun, 'close', 'Stop selling a service; open orders go on')
    .argument('<slug>', 'Slug of the service')
    .action((slug: string, wanted: Reasoned) => setClosed(slug, true, wanted))
  act(noun, 'open', 'Sell a service again')
    .argument('<slug>', 'Slug of the service')
    .action((slug: string, wanted: Reasoned) => setClosed(slug, false, wanted))
}

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

function setClosed(slug: string, closed: boolean, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const { actor, reason } = by(wanted.reason)
    await closeService(db, actor, slug, closed, reason)
    printThing(wanted, { service: slug, closed })
  })
}

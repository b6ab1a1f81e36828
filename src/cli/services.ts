// `numlet services`: what codes are for; closed ones are sold by no API.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { closeService } from '../core/catalog/deny-list.ts'
import { actor } from './actor.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addServices(noun: Command): void {
  verb(noun, 'list', 'all services').action(list)
  verb(noun, 'close', 'sell a service to nobody from now on')
    .argument('<slug>', 'which service')
    .action((slug: string, shown: Shown) => setClosed(slug, true, shown))
  verb(noun, 'open', 'sell a service again')
    .argument('<slug>', 'which service')
    .action((slug: string, shown: Shown) => setClosed(slug, false, shown))
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

function setClosed(slug: string, closed: boolean, shown: Shown) {
  return withSession(async ({ db }) => {
    await closeService(db, actor, slug, closed)
    printThing(shown, { service: slug, closed })
  })
}

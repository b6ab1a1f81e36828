// `numlet pools`: supply tiers. A reserved pool is sold only to callers who name it.
import type { Command } from 'commander'
import * as operating from '../core/operating/pools.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

const whichPool = 'Id of the pool'

export function addPools(noun: Command): void {
  verb(noun, 'list', 'List pools with their numbers, by id')
    .option('--limit <count>', 'Number of pools to list', read.limit, 1_000)
    .action(list)
  act(noun, 'add', 'Add a pool')
    .argument('<id>', 'Id: lower-case letters, digits, - and _')
    .requiredOption('--name <name>', 'Name that customers see')
    .option('--description <text>', 'What the pool is for, for operators')
    .option('--reserved', 'Sell its numbers only to callers who name the pool')
    .action(add)
  act(noun, 'describe', 'Change the name or the description of a pool')
    .argument('<id>', whichPool)
    .option('--name <name>', 'Name that customers see')
    .option('--description <text>', 'What the pool is for, for operators')
    .action(describe)
  act(noun, 'reserve', 'Sell the numbers of a pool only to callers who name it')
    .argument('<id>', whichPool)
    .action((id: string, wanted: Reasoned) => change(id, wanted, { reserved: true }))
  act(noun, 'release', 'Sell the numbers of a pool to everybody')
    .argument('<id>', whichPool)
    .action((id: string, wanted: Reasoned) => change(id, wanted, { reserved: false }))
}

type Terms = Reasoned & { name?: string; description?: string; reserved?: true }

const shownPool = (pool: operating.OperatedPool) => ({
  pool: pool.id,
  name: pool.name,
  description: pool.description,
  reserved: pool.reserved,
  numbers: pool.numbers,
})

function list(wanted: Shown & { limit: number }) {
  return withSession(async ({ db }) =>
    printList(wanted, (await operating.listPools(db, wanted.limit)).map(shownPool)),
  )
}

function add(id: string, wanted: Terms & { name: string }) {
  return withSession(async ({ db, by }) => {
    const { name, description, reserved } = wanted
    const terms = { name, description, reserved }
    printThing(wanted, shownPool(await operating.addPool(db, by(wanted.reason), id, terms)))
  })
}

function describe(id: string, wanted: Terms) {
  const { name, description } = wanted
  return change(id, wanted, { name, description })
}

function change(id: string, wanted: Reasoned, terms: operating.PoolTerms) {
  return withSession(async ({ db, by }) => {
    printThing(wanted, shownPool(await operating.changePool(db, by(wanted.reason), id, terms)))
  })
}

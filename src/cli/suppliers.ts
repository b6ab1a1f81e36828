// `numlet suppliers`: suppliers of numbers and messages. A secret is shown only when it is created.
import type { Command } from 'commander'
import { revocationKnown } from '../core/accounts/access.ts'
import {
  getSupplier,
  listSuppliers,
  type Supplier,
  supplierKinds,
} from '../core/inventory/suppliers.ts'
import { addSupplier, rotateSupplier, setSupplier } from '../core/operating/inventory.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addSuppliers(noun: Command): void {
  verb(noun, 'list', 'List suppliers, oldest first')
    .option('--limit <count>', 'Number of suppliers to list', read.limit, 1_000)
    .action((wanted: Shown & { limit: number }) =>
      withSession(async ({ db }) =>
        printList(wanted, (await listSuppliers(db, wanted.limit)).map(shownOf)),
      ),
    )
  verb(noun, 'show', 'Show one supplier')
    .argument('<name>', 'Name of the supplier')
    .action((name: string, shown: Shown) =>
      withSession(async ({ db }) => printThing(shown, shownOf(await getSupplier(db, name)))),
    )
  act(noun, 'create', 'Add a supplier; its secret is shown only now')
    .requiredOption('--kind <kind>', `Kind: ${supplierKinds.join(' or ')}`)
    .requiredOption('--name <name>', 'Name: lower-case letters, digits, - and _')
    .action(create)
  act(
    noun,
    'rotate',
    'Create a new secret for a supplier, shown only now; the old one stops working at once',
  )
    .argument('<name>', 'Name of the supplier')
    .action(rotate)
  act(noun, 'disable', 'Stop taking messages from a supplier')
    .argument('<name>', 'Name of the supplier')
    .action((name: string, wanted: Reasoned) => setState(name, 'disabled', wanted))
  act(noun, 'enable', 'Take messages from a supplier again')
    .argument('<name>', 'Name of the supplier')
    .action((name: string, wanted: Reasoned) => setState(name, 'active', wanted))
}

/** The fields that every operator may see: never a secret. */
const shownOf = (supplier: Supplier) => ({
  name: supplier.name,
  kind: supplier.kind,
  state: supplier.state,
  has_secret: supplier.hasSecret,
  created_at: supplier.createdAt,
})

function create(wanted: Reasoned & { kind: string; name: string }) {
  return withSession(async ({ db, by }) => {
    const { supplier, secret } = await addSupplier(db, by(wanted.reason), wanted)
    printThing(wanted, { name: supplier.name, secret, kind: supplier.kind })
  })
}

function rotate(name: string, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const { supplier, secret } = await rotateSupplier(db, by(wanted.reason), name)
    await revocationKnown()
    printThing(wanted, { name: supplier.name, secret })
  })
}

function setState(name: string, state: Supplier['state'], wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const supplier = await setSupplier(db, by(wanted.reason), name, state)
    await revocationKnown()
    printThing(wanted, shownOf(supplier))
  })
}

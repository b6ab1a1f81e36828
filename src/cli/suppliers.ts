// `numlet suppliers`: added, shown, given a new secret. A secret is shown when it is made and never again.
import type { Command } from 'commander'
import { settle } from '../core/accounts/access.ts'
import { logged } from '../core/audit/log.ts'
import {
  createSupplier,
  getSupplier,
  listSuppliers,
  rotateSecret,
  type Supplier,
  setSupplierState,
  supplierKinds,
} from '../core/inventory/suppliers.ts'
import { actor } from './actor.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addSuppliers(noun: Command): void {
  verb(noun, 'list', 'all suppliers').action((shown: Shown) =>
    withSession(async ({ db }) => printList(shown, (await listSuppliers(db)).map(shownOf))),
  )
  verb(noun, 'show', 'one supplier')
    .argument('<name>', 'which supplier')
    .action((name: string, shown: Shown) =>
      withSession(async ({ db }) => printThing(shown, shownOf(await getSupplier(db, name)))),
    )
  verb(noun, 'create', 'add a supplier; its secret is shown this once')
    .requiredOption('--kind <kind>', `one of ${supplierKinds.join(', ')}`)
    .requiredOption('--name <name>', 'small letters, digits, - and _')
    .action(create)
  verb(noun, 'rotate', 'give a supplier a new secret, shown this once; the old one ends')
    .argument('<name>', 'which supplier')
    .action(rotate)
  verb(noun, 'disable', 'take no more messages from a supplier')
    .argument('<name>', 'which supplier')
    .action((name: string, shown: Shown) => setState(name, 'disabled', shown))
  verb(noun, 'enable', 'take messages from a supplier again')
    .argument('<name>', 'which supplier')
    .action((name: string, shown: Shown) => setState(name, 'active', shown))
}

/** What everybody who runs the platform may see: never a secret. */
const shownOf = (supplier: Supplier) => ({
  name: supplier.name,
  kind: supplier.kind,
  state: supplier.state,
  has_secret: supplier.hasSecret,
  created_at: supplier.createdAt,
})

function create(wanted: Shown & { kind: string; name: string }) {
  return withSession(async ({ db }) => {
    const { supplier, secret } = await logged(
      db,
      (tx) => createSupplier(tx, wanted),
      ({ supplier: { name, kind } }) => ({
        actor,
        action: 'supplier.create',
        detail: { name, kind },
      }),
    )
    printThing(wanted, { name: supplier.name, secret, kind: supplier.kind })
  })
}

function rotate(name: string, shown: Shown) {
  return withSession(async ({ db }) => {
    const { supplier, secret } = await logged(
      db,
      (tx) => rotateSecret(tx, name),
      () => ({ actor, action: 'supplier.rotate', detail: { name } }),
    )
    await settle()
    printThing(shown, { name: supplier.name, secret })
  })
}

function setState(name: string, state: Supplier['state'], shown: Shown) {
  return withSession(async ({ db }) => {
    const supplier = await logged(
      db,
      (tx) => setSupplierState(tx, name, state),
      () => ({
        actor,
        action: state === 'active' ? 'supplier.enable' : 'supplier.disable',
        detail: { name },
      }),
    )
    await settle()
    printThing(shown, shownOf(supplier))
  })
}

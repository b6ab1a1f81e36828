// `numlet suppliers`: suppliers of numbers and messages. A secret of Numlet’s is shown once, one of a vendor
// never.
import type { Command } from 'commander'
import { keyStoreOf } from '../config.ts'
import { revocationKnown } from '../core/accounts/access.ts'
import { reportOn } from '../core/inbound/activity.ts'
import { listSessions, type SessionReport } from '../core/inbound/sessions.ts'
import {
  type GivenSetting,
  shownSettings,
  supplierSecrets,
} from '../core/inventory/supplier-settings.ts'
import {
  getSupplier,
  listSuppliers,
  type Supplier,
  type SupplierState,
} from '../core/inventory/suppliers.ts'
import { formatAmount } from '../core/money.ts'
import {
  addSupplier,
  changeSupplier,
  rekeySuppliers,
  rotateSupplier,
  setSupplier,
} from '../core/operating/suppliers.ts'
import { type KnownBalance, knownBalance } from '../core/supply/balances.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { secretKeeper } from '../core/vault/secret-keeper.ts'
import { supplierKindNamed, supplierKinds } from '../supply/kinds.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import {
  act,
  printList,
  printReport,
  printThing,
  type Reasoned,
  type Shown,
  verb,
} from './output.ts'
import { type Session, withSession } from './session.ts'
import {
  type GivenTexts,
  givenSettings,
  settingOptions,
  whichSupplier,
} from './supplier-arguments.ts'
import { addSetAside } from './supplier-aside.ts'
import { addMargins } from './supplier-margins.ts'
import { addMoney } from './supplier-money.ts'
import { addRouting } from './supplier-routing.ts'
import { addRules } from './supplier-rules.ts'
import { addSimulate } from './supplier-simulate.ts'
import { addSources } from './supplier-sources.ts'
import { addSync } from './supplier-sync.ts'
import { addSupplierTest } from './supplier-test.ts'
import { inboundUrlOf } from './supplier-url.ts'

export function addSuppliers(noun: Command): void {
  verb(noun, 'list', 'List suppliers, oldest first')
    .option('--limit <count>', 'Number of suppliers to list', read.limit, 1_000)
    .action((wanted: Shown & { limit: number }) =>
      withSession(async ({ db }) =>
        printList(wanted, (await listSuppliers(db, wanted.limit)).map(shownOf)),
      ),
    )
  verb(noun, 'show', 'Show one supplier: its settings, and what it has done lately')
    .argument('<name>', whichSupplier)
    .action(show)
  settingOptions(act(noun, 'add', 'Add a supplier; a secret of Numlet’s is shown only now'))
    .alias('create')
    .argument('[name]', 'Name: lower-case letters, digits, - and _')
    .requiredOption(
      '--kind <kind>',
      'Kind, such as twilio or numlet; a wrong one names all of them',
    )
    .option('--name <name>', 'The name, if it is not given as an argument')
    .action(add)
  settingOptions(act(noun, 'set', 'Change settings of a supplier; an empty value removes one'))
    .argument('<name>', whichSupplier)
    .action(set)
  act(
    noun,
    'rotate',
    'Create a new secret or URL for a supplier, shown only now; the old one stops working at once',
  )
    .argument('<name>', whichSupplier)
    .action(rotate)
  addStates(noun)
  addSupplierTest(noun)
  addSetAside(noun)
  addRules(noun)
  addMargins(noun)
  addRouting(noun)
  addSync(noun)
  addSources(noun)
  addMoney(noun)
  addSimulate(noun)
  act(noun, 'rekey', 'Encrypt all secrets with the first key of NUMLET_ENCRYPTION_KEY').action(
    rekey,
  )
}

function addStates(noun: Command) {
  const states: readonly [string, SupplierState, string][] = [
    ['pause', 'paused', 'Ask a supplier for nothing new, but go on taking its messages'],
    ['resume', 'on', 'End a pause'],
    ['disable', 'off', 'Take nothing from a supplier any more'],
    ['enable', 'on', 'Take messages from a supplier again'],
  ]
  for (const [name, state, summary] of states)
    act(noun, name, summary)
      .argument('<name>', whichSupplier)
      .action((supplier: string, wanted: Reasoned) => setState(supplier, state, wanted))
}

/** The fields that every operator may see: never a secret. */
const shownOf = (supplier: Supplier) => ({
  name: supplier.name,
  kind: supplier.kind,
  state: supplier.state,
  has_secret: supplier.hasSecret,
  created_at: supplier.createdAt,
})

const shownSession = ({ slot, boundAt, reason }: SessionReport) => ({
  ...{ slot, bound_at: boundAt, reason },
})

const shownBalance = ({ currency, amount, at, ...known }: KnownBalance) => ({
  balance: amount === null ? null : formatAmount(amount, 2),
  balance_currency: currency,
  balance_at: at,
  dry_since: known.drySince,
  spent_today: formatAmount(known.spentToday, 2),
  rate_moved_at: known.rateMovedAt,
})

function show(name: string, shown: Shown) {
  return withSession(async ({ db, now, config }) => {
    const supplier = await getSupplier(db, name)
    const kind = supplierKindNamed(supplier.kind)
    const balance = kind?.upstream && (await knownBalance(db, now(), supplier.id))
    const report = await reportOn(db, now(), supplier.id)
    const holdsConnections = kind?.probe !== undefined && kind.upstream === undefined
    const sessions = holdsConnections && (await listSessions(db, now(), supplier.id))
    printReport(shown, {
      ...shownOf(supplier),
      inbound_url: inboundUrlOf(config, kind, name),
      settings: shownSettings(kind, supplier),
      ...(balance && shownBalance(balance)),
      ...(sessions && { connections: sessions.map(shownSession) }),
      last_message_at: report.lastMessageAt,
      messages_24h: report.messages,
      refused_24h: report.refused,
      unreadable: report.unreadable,
    })
  })
}

type Add = Reasoned & GivenTexts & { kind: string; name?: string }

async function add(argument: string | undefined, wanted: Add, command: Command) {
  const name = argument ?? wanted.name
  if (name === undefined || (argument !== undefined && wanted.name !== undefined))
    command.error('error: give the name once: suppliers add NAME --kind KIND', { exitCode: 2 })
  const kind = supplierKindNamed(wanted.kind)
  if (!kind)
    throw new Refusal(
      `There is no kind ${wanted.kind}. The kinds are: ` +
        `${supplierKinds.map((one) => one.name).join(', ')}.`,
    )
  const given = await givenSettings(wanted)
  await withSession(async (session) => {
    const { db, by, config } = session
    const keeper = await keeperOf(session, given)
    const added = await addSupplier(db, by(wanted.reason), { name, kind }, given, keeper)
    printThing(wanted, {
      name,
      kind: kind.name,
      ...(added.secret === null ? {} : { secret: added.secret }),
      inbound_url: inboundUrlOf(config, kind, name, added.token),
    })
  })
}

/** Makes a key before the first secret is stored, if one may be made. */
async function keeperOf({ config }: Session, given: readonly GivenSetting[]) {
  const vaults = vaultSource(keyStoreOf(config), supplierSecrets)
  if (given.length > 0) await vaults.openOrMake()
  return secretKeeper(vaults)
}

async function set(name: string, wanted: Reasoned & GivenTexts, command: Command) {
  const given = await givenSettings(wanted)
  if (given.length === 0)
    command.error('error: give --set key=value or --secret key=value', { exitCode: 2 })
  await withSession(async (session) => {
    const { db, by } = session
    const kind = await kindOf(session, name)
    const keeper = await keeperOf(session, given)
    const changed = await changeSupplier(db, by(wanted.reason), { name, kind }, given, keeper)
    await revocationKnown()
    printThing(wanted, { ...shownOf(changed), settings: shownSettings(kind, changed) })
  })
}

async function kindOf({ db }: Session, name: string) {
  const { kind: kindName } = await getSupplier(db, name)
  const kind = supplierKindNamed(kindName)
  if (!kind) throw new Refusal(`This version does not know the kind ${kindName}.`)
  return kind
}

function rotate(name: string, wanted: Reasoned) {
  return withSession(async (session) => {
    const { db, by, config } = session
    const named = { name, kind: await kindOf(session, name) }
    const { secret, token } = await rotateSupplier(db, by(wanted.reason), named)
    await revocationKnown()
    const given =
      token === null ? { secret } : { inbound_url: inboundUrlOf(config, named.kind, name, token) }
    printThing(wanted, { name, ...given })
  })
}

function setState(name: string, state: SupplierState, wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const supplier = await setSupplier(db, by(wanted.reason), name, state)
    await revocationKnown()
    printThing(wanted, shownOf(supplier))
  })
}

function rekey(wanted: Reasoned) {
  return withSession(async ({ db, by, config }) => {
    const vaults = vaultSource(keyStoreOf(config), supplierSecrets)
    const vault = await vaults.openOrMake()
    if (!vault)
      throw new Refusal(
        'There is no encryption key: set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
      )
    const sealed = await rekeySuppliers(db, by(wanted.reason), secretKeeper(vaults), vault.keyId)
    printThing(wanted, { sealed, key_id: vault.keyId })
  })
}

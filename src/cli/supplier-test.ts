// `numlet suppliers test`: checks a supplier's configuration, without any network unless its kind can try it.
import type { Command } from 'commander'
import { type Config, keyStoreOf } from '../config.ts'
import {
  faultOf,
  hasSetting,
  openedSettings,
  supplierSecrets,
} from '../core/inventory/supplier-settings.ts'
import { getSupplier, type Supplier } from '../core/inventory/suppliers.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { secretKeeper } from '../core/vault/secret-keeper.ts'
import { supplierKindNamed } from '../supply/kinds.ts'
import type { Setting, SupplierKind } from '../supply/supplier.ts'
import { printReport, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'

type Finding = { readonly name: string; readonly ok: boolean; readonly detail: string }

export function addSupplierTest(noun: Command): void {
  verb(noun, 'test', 'Check the configuration of a supplier, as far as that is possible from here')
    .argument('<name>', whichSupplier)
    .action(test)
}

function test(name: string, shown: Shown) {
  return withSession(async ({ db, config }) => {
    const supplier = await getSupplier(db, name)
    const kind = supplierKindNamed(supplier.kind)
    const checks = [stateOf(supplier), ...(await kindChecks(config, supplier, kind))]
    const ok = checks.every((check) => check.ok)
    printReport(shown, {
      name,
      kind: supplier.kind,
      ok,
      checks,
      not_checked: notChecked(config, kind),
    })
    if (!ok) process.exitCode = 1
  })
}

const stateOf = ({ state }: Supplier): Finding => ({
  name: 'state',
  ok: state !== 'off',
  detail: state === 'off' ? 'off: nothing is taken from it' : state,
})

async function kindChecks(
  config: Config,
  supplier: Supplier,
  kind: SupplierKind | undefined,
): Promise<Finding[]> {
  if (!kind)
    return [{ name: 'kind', ok: false, detail: `this version does not know ${supplier.kind}` }]
  const checks: Finding[] = []
  if (kind.features.callback)
    checks.push({
      name: 'secret',
      ok: supplier.hasSecret,
      detail: supplier.hasSecret ? 'set' : 'missing: make one with `suppliers rotate`',
    })
  for (const setting of kind.settings) checks.push(await checkOf(config, supplier, kind, setting))
  if (kind.probe && checks.every(({ ok }) => ok))
    checks.push({
      name: 'connection',
      ...(await kind.probe(await openedSettings(kind, supplier, keeperOf(config)))),
    })
  return checks
}

const keeperOf = (config: Config) => secretKeeper(vaultSource(keyStoreOf(config), supplierSecrets))

/** Whether a setting has a value that can be read, and is sound. */
async function checkOf(
  config: Config,
  supplier: Supplier,
  kind: SupplierKind,
  setting: Setting,
): Promise<Finding> {
  const finding = (ok: boolean, detail: string) => ({ name: setting.key, ok, detail })
  if (!hasSetting(supplier, setting)) {
    if (setting.default !== undefined) return finding(true, `not set: ${setting.default}`)
    return finding(!setting.isRequired, 'not set')
  }
  const keeper = keeperOf(config)
  try {
    const alone = { name: kind.name, settings: [setting] }
    const opened = await openedSettings(alone, supplier, keeper)
    const fault = faultOf(setting, opened[setting.key] ?? '')
    return finding(fault === null, fault ?? 'sound')
  } catch {
    return finding(false, 'cannot be decrypted: NUMLET_ENCRYPTION_KEY lacks its key')
  }
}

function notChecked({ publicUrl }: Config, kind: SupplierKind | undefined): string[] {
  if (kind?.inbound)
    return [
      'Whether the vendor signs with these settings and sends to inbound_url: send a text message to ' +
        'one of its numbers, then look at `suppliers show`.',
      ...(publicUrl === null
        ? ['Whether the vendor reaches this server: NUMLET_PUBLIC_URL is not set here.']
        : []),
    ]
  if (kind?.upstream) return ['Whether it sells numbers: `suppliers sync`, then order one.']
  if (kind?.probe)
    return [
      'Whether messages come over the connection: send a text message to one of its numbers, then look ' +
        'at `suppliers show`.',
    ]
  if (kind?.features.callback)
    return [
      'Whether the supplier sends its secret: let it send a message, then see `suppliers show`.',
    ]
  return []
}

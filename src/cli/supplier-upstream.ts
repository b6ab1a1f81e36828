// What commands need to ask another platform: its kind, and its settings with secrets opened.
import { keyStoreOf } from '../config.ts'
import { openedSettings, supplierSecrets } from '../core/inventory/supplier-settings.ts'
import { getSupplier, type Supplier } from '../core/inventory/suppliers.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { secretKeeper } from '../core/vault/secret-keeper.ts'
import { supplierKindNamed } from '../supply/kinds.ts'
import type { Settings } from '../supply/supplier.ts'
import type { NoClass, Upstream } from '../supply/upstream.ts'
import { refusalText } from '../supply/upstream-readings.ts'
import { Refusal } from './failure.ts'
import type { Session } from './session.ts'

export type Platform = {
  readonly supplier: Supplier
  readonly upstream: Upstream
  readonly settings: Settings
  /** What its amounts are in. */
  readonly currency: string
}

/** A supplier that numbers are asked of. @throws Refusal if it is of another kind, or off */
export async function platformNamed({ db, config }: Session, name: string): Promise<Platform> {
  const supplier = await getSupplier(db, name)
  const kind = supplierKindNamed(supplier.kind)
  if (!kind?.upstream)
    throw new Refusal(
      `${name} is of the kind ${supplier.kind}: it is not asked for numbers, and has no prices or balance.`,
    )
  if (supplier.state === 'off')
    throw new Refusal(`${name} is off. Turn it on with \`suppliers enable ${name}\`.`)
  const keeper = secretKeeper(vaultSource(keyStoreOf(config), supplierSecrets))
  const settings = await openedSettings(kind, supplier, keeper)
  return { supplier, upstream: kind.upstream, settings, currency: settings.currency ?? '' }
}

/** @throws Refusal if the platform counts in another currency than its setting says */
export function assertCurrency({ supplier, currency }: Platform, told: string | null): void {
  if (told !== null && told !== currency)
    throw new Refusal(
      `${supplier.name} counts in ${told}, but its setting currency is ${currency}. Change it with ` +
        `\`suppliers set ${supplier.name} --set currency=${told}\`.`,
    )
}

type NoReading =
  | { readonly kind: 'no'; readonly class: NoClass }
  | { readonly kind: 'unknown'; readonly why: string }

/** @throws Refusal always, which says why there is no answer */
export function refuse(what: string, reading: NoReading): never {
  throw new Refusal(
    `There is no answer: ${reading.kind === 'no' ? refusalText(what, reading) : reading.why}.`,
  )
}

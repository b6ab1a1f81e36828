// The settings of a supplier: checked when an operator gives them, and opened when they are used.
import { DomainError } from '../error.ts'
import type { SecretKeeper } from '../vault/secret-keeper.ts'
import type { Setting, Settings } from './setting.ts'
import type { StoredSettings, Supplier } from './suppliers.ts'

/** The purpose of the vault's keys for suppliers' secrets. */
export const supplierSecrets = 'supplier-secrets'

/** What this folder needs to know of a kind. */
export type Configurable = { readonly name: string; readonly settings: readonly Setting[] }

/** A value for a key; an empty one takes the setting away. */
export type GivenSetting = { readonly key: string; readonly value: string }

const maxValueLength = 4_000

/**
 * The settings that a supplier has with new values. Values are trimmed.
 * @param stored what it has so far
 * @throws invalid_request, which names every problem and explains the settings of the kind
 */
export async function withGiven(
  kind: Configurable,
  stored: StoredSettings,
  given: readonly GivenSetting[],
  keeper: SecretKeeper,
): Promise<StoredSettings> {
  const values = given.map(({ key, value }) => ({ key, value: value.trim() }))
  const problems = [
    ...values.flatMap((one, i) => problemsOf(kind, one, values.slice(0, i))),
    ...missingOf(kind, stored, values),
  ]
  if (problems.length > 0)
    throw new DomainError('invalid_request', `${problems.join('\n')}\n${explained(kind)}`)
  const config = { ...stored.config }
  const secrets = { ...stored.secrets }
  for (const { key, value } of values) {
    const isSecret = settingOf(kind, key)?.isSecret
    const place = isSecret ? secrets : config
    if (value === '') delete place[key]
    else place[key] = isSecret ? await keeper.keep(value) : value
  }
  return { config, secrets }
}

/** The settings of a supplier for use: opened, with defaults. Fails if a secret's key is missing. */
export async function openedSettings(
  kind: Configurable,
  { config, secrets }: StoredSettings,
  keeper: SecretKeeper,
): Promise<Settings> {
  const values: [string, string][] = []
  for (const setting of kind.settings) {
    const stored = setting.isSecret ? secrets[setting.key] : config[setting.key]
    if (stored !== undefined)
      values.push([setting.key, setting.isSecret ? await keeper.read(stored) : stored])
    else if (setting.default !== undefined) values.push([setting.key, setting.default])
  }
  return Object.fromEntries(values)
}

/** What is wrong with a value that is not empty, as the end of a sentence that begins with its key. */
export function faultOf(setting: Setting, value: string): string | null {
  if (value.length > maxValueLength) return `must have at most ${maxValueLength} characters`
  // PostgreSQL stores neither.
  if (value.includes('\u0000') || !value.isWellFormed()) return 'must be plain text'
  if (setting.options && !setting.options.includes(value))
    return `must be one of ${setting.options.join(', ')}`
  return setting.check?.(value) ?? null
}

/** Whether a supplier has a value of its own for a setting. */
export const hasSetting = (supplier: StoredSettings, { key, isSecret }: Setting): boolean =>
  Object.hasOwn(isSecret ? supplier.secrets : supplier.config, key)

/** What the costs of a supplier are in; null: its kind has no costs. */
export const currencyIn = (kind: Configurable, { config }: StoredSettings): string | null =>
  config.currency ?? settingOf(kind, 'currency')?.default ?? null

/** Settings as operators may see them: secrets only as set or not. */
export const shownSettings = (kind: Configurable | undefined, supplier: Supplier) =>
  Object.fromEntries(
    (kind?.settings ?? []).map((setting) => [
      setting.key,
      setting.isSecret
        ? hasSetting(supplier, setting)
          ? 'set'
          : 'not set'
        : (supplier.config[setting.key] ?? setting.default ?? null),
    ]),
  )

const settingOf = (kind: Configurable, key: string) =>
  kind.settings.find((setting) => setting.key === key)

function problemsOf(
  kind: Configurable,
  { key, value }: GivenSetting,
  earlier: readonly GivenSetting[],
): string[] {
  const setting = settingOf(kind, key)
  if (!setting) return [`${key} is not a setting of the kind ${kind.name}.`]
  if (earlier.some((one) => one.key === key)) return [`${key} is given twice.`]
  const fault = value === '' ? null : faultOf(setting, value)
  return fault === null ? [] : [`${key} ${fault}.`]
}

/** Required settings that would have no value. */
const missingOf = (kind: Configurable, stored: StoredSettings, given: readonly GivenSetting[]) =>
  kind.settings
    .filter((setting) => {
      const value = given.findLast(({ key }) => key === setting.key)?.value
      const has = value === undefined ? hasSetting(stored, setting) : value !== ''
      return setting.isRequired && setting.default === undefined && !has
    })
    .map(({ key }) => `${key} is missing.`)

function explained({ name, settings }: Configurable): string {
  if (settings.length === 0) return `The kind ${name} has no settings.`
  const lines = settings.map(({ key, label, help, isSecret, isRequired, ...setting }) => {
    const facts = [isSecret ? 'secret' : null, isRequired ? 'required' : 'optional']
    const value = setting.default === undefined ? null : `default ${setting.default}`
    return `  ${key} (${[...facts, value].filter(Boolean).join(', ')}): ${label}. ${help}`
  })
  return [`Settings of the kind ${name}:`, ...lines].join('\n')
}

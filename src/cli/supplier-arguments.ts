// Settings as arguments: --set key=value and --secret key=value, where a dash stands for standard input.
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { GivenSetting } from '../core/inventory/supplier-settings.ts'
import { unfit } from './arguments.ts'
import { Refusal } from './failure.ts'

export const whichSupplier = 'Name of the supplier'

/** Both take values of any key: the kind knows which are secrets. */
export type GivenTexts = {
  readonly set?: readonly GivenSetting[]
  readonly secret?: readonly GivenSetting[]
}

/** Declares both options. */
export const settingOptions = (command: Command): Command =>
  command
    .option('--set <key=value...>', 'A setting', pair)
    .option('--secret <key=value...>', 'A secret; key=- reads it from standard input', pair)

function pair(text: string, before: readonly GivenSetting[] = []): GivenSetting[] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) throw unfit('It must be key=value.')
  return [...before, { key, value }]
}

/** All that was given, with what standard input has. */
export async function givenSettings({
  set = [],
  secret = [],
}: GivenTexts): Promise<GivenSetting[]> {
  const fromInput = secret.filter(({ value }) => value === '-')
  if (fromInput.length > 1) throw new Refusal('Only one secret can be read from standard input.')
  const input = fromInput.length === 0 ? '' : (await readAll(process.stdin)).trim()
  if (fromInput.length > 0 && input === '') throw new Refusal('Standard input has no secret.')
  return [
    ...set,
    ...secret.map((one) => (fromInput.includes(one) ? { key: one.key, value: input } : one)),
  ]
}

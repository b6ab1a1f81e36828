// `numlet settings`: settings that an operator changes while the platform runs.
import type { Command } from 'commander'
import { readSettings, type SettingName, settings, writeSetting } from '../core/settings.ts'
import { Refusal } from './failure.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

export function addSettings(noun: Command): void {
  verb(noun, 'list', 'List all settings').action((shown: Shown) =>
    withSession(async ({ db }) => printList(shown, await all(db))),
  )
  verb(noun, 'get', 'Show one setting')
    .argument('<name>', 'Name of the setting')
    .action((name: string, shown: Shown) => withSession(({ db }) => get(db, name, shown)))
  act(noun, 'set', 'Change a setting; running servers follow within seconds')
    .argument('<name>', 'Name of the setting')
    .argument('<value>', 'JSON (30, null) or a bare word (US)')
    .action(set)
}

async function all(db: Session['db']) {
  const values = await readSettings(db)
  return Object.entries(settings).map(([name, { meaning }]) => ({
    name,
    value: values[name as SettingName],
    meaning,
  }))
}

async function get(db: Session['db'], name: string, shown: Shown) {
  const setting = (await all(db)).find((one) => one.name === name)
  if (!setting)
    throw new Refusal(`There is no setting ${name}. Settings: ${Object.keys(settings).join(', ')}.`)
  printThing(shown, setting)
}

function set(name: string, value: string, wanted: Reasoned) {
  return withSession(async ({ db, by, now }) => {
    await writeSetting(db, now(), by(wanted.reason), name, jsonOrWord(value))
    await get(db, name, wanted)
  })
}

function jsonOrWord(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

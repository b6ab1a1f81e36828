// `numlet demo`: creates a new key, because the demo's first key was shown only once.
import type { Command } from 'commander'
import * as operating from '../core/operating/keys.ts'
import { findDemoAccount } from '../demo.ts'
import { Refusal } from './failure.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'

export function addDemo(noun: Command): void {
  act(noun, 'key', 'Create a key for the demo account; the key is shown only now').action(makeKey)
}

function makeKey(wanted: Reasoned) {
  return withSession(async ({ db, by, now }) => {
    const accountId = await findDemoAccount(db)
    if (accountId === null)
      throw new Refusal(
        'There is no demo account. The first start on an empty database with NUMLET_DEMO=1 creates one.',
      )
    const { key } = await operating.create(db, now(), by(wanted.reason), {
      accountId,
      name: 'demo',
    })
    printThing(wanted, { key })
  })
}

// `numlet epochs`: the histories of the database (docs/decisions/0014-epochs-of-events.md).
import type { Command } from 'commander'
import { listEpochs } from '../core/events/epoch.ts'
import { beginEpochByHand } from '../core/operating/epochs.ts'
import { printList, printThing, type Reasoned, reasonedAct, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addEpochs(noun: Command): void {
  verb(noun, 'list', 'List the newest epochs of the database').action((shown: Shown) =>
    withSession(async ({ db }) => {
      const rows = await listEpochs(db)
      printList(
        shown,
        rows.map(({ epoch, reason, cluster, timeline, raisedAt }) => ({
          epoch,
          began: raisedAt,
          reason,
          cluster,
          timeline,
        })),
      )
    }),
  )
  reasonedAct(
    noun,
    'begin',
    'Begin an epoch after a restored snapshot; ids of orders and all else go on after a gap',
  ).action((wanted: Reasoned) =>
    withSession(async ({ db, by, now }) => {
      const { epoch } = await beginEpochByHand(db, now(), by(wanted.reason))
      printThing(wanted, { epoch })
    }),
  )
}

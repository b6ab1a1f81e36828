// `numlet log`: what operators did, newest first.
import type { Command } from 'commander'
import { readLog } from '../core/audit/log.ts'
import * as read from './arguments.ts'
import { printList, type Shown } from './output.ts'
import { withSession } from './session.ts'

export function addLog(noun: Command): void {
  noun
    .option('--limit <n>', 'how many lines', read.limit, 100)
    .option('--json', 'print one JSON line and nothing else')
    .action((wanted: Shown & { limit: number }) =>
      withSession(async ({ db, ids }) => {
        const entries = await readLog(db, wanted.limit)
        printList(
          wanted,
          entries.map((entry) => ({
            at: entry.createdAt,
            actor: entry.actor,
            action: entry.action,
            account_id: entry.accountId === null ? null : ids.toToken('acc', entry.accountId),
            detail: entry.detail,
          })),
        )
      }),
    )
}

// `numlet accounts export` and `erase`: everything of an account as a file, and its end.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { revocationKnown } from '../core/accounts/access.ts'
import { getAccount } from '../core/accounts/accounts.ts'
import * as operating from '../core/operating/leaving.ts'
import * as read from './arguments.ts'
import { accountOf } from './ids.ts'
import { act, printThing, type Reasoned, reasonedAct } from './output.ts'
import { withSession } from './session.ts'

const whichAccount = 'The account: its id, number or e-mail address'

export function addLeaving(noun: Command): void {
  act(
    noun,
    'export',
    'Write everything of an account as JSON, an object a line; it has the messages’ texts',
  )
    .requiredOption('--account <account>', whichAccount, read.account)
    .option('--out <file>', 'A file that only you can read; by default standard output')
    .action(exportAll)
  reasonedAct(
    noun,
    'erase',
    'Close an account for good and delete its people, keys, messages and notes; records of money stay',
  )
    .requiredOption('--account <account>', whichAccount, read.account)
    .action(erase)
}

type Wanted = Reasoned & { account: string }

function exportAll(wanted: Wanted & { out?: string }) {
  return withSession(
    async (session) => {
      const { db, ids, by, now } = session
      const accountId = await accountOf(session, wanted.account)
      const records = await operating.exportFor({ db, ids, now }, by(wanted.reason), accountId)
      let count = 0
      const lines = Readable.from(
        (async function* () {
          for await (const record of records) {
            count++
            yield `${JSON.stringify(record)}\n`
          }
        })(),
      )
      if (wanted.out === undefined) {
        for await (const line of lines)
          if (!process.stdout.write(String(line))) await once(process.stdout, 'drain')
        return
      }
      await writeWhole(wanted.out, lines)
      printThing(wanted, {
        account_id: ids.toToken('acc', accountId),
        file: wanted.out,
        records: count,
      })
    },
    { patient: true },
  )
}

/** Writes a file that has its name only when it is whole. */
async function writeWhole(path: string, lines: Readable): Promise<void> {
  const part = `${path}.part`
  await rm(part, { force: true })
  try {
    await pipeline(lines, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
    await chmod(part, 0o600)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

function erase(wanted: Wanted) {
  return withSession(
    async (session) => {
      const { db, ids, by, now } = session
      const accountId = await accountOf(session, wanted.account)
      const { changed } = await operating.erase(db, now(), by(wanted.reason), accountId)
      await revocationKnown()
      const account = await getAccount(db, accountId)
      printThing(wanted, {
        account_id: ids.toToken('acc', accountId),
        changed,
        closed_at: account.closedAt,
        erased_at: account.erasedAt,
      })
    },
    { patient: true },
  )
}

// `numlet esims`: the activation codes of data plans. No command ever prints them.
import type { Command } from 'commander'
import { keyStoreOf, toConfig } from '../config.ts'
import { activationCodeProblem, esimCodes } from '../core/esims/esim.ts'
import { listCodes } from '../core/esims/stock.ts'
import { importEsimCodes, reencryptEsimCodes } from '../core/operating/esims.ts'
import { vaultSource } from '../core/vault/keys.ts'
import type { Vault } from '../core/vault/vault.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { linesOf } from './lines.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addEsims(noun: Command): void {
  act(
    noun,
    'import',
    'Add activation codes to the stock; bad and known lines are named and skipped (exit 1)',
  )
    .requiredOption('--plan <name>', 'Plan that the codes belong to')
    .argument('<file>', 'File with one LPA:1$... or SIM-... code per line; - reads stdin')
    .action(importFile)
  verb(noun, 'list', 'List codes by position, with the orders that bought them; never the codes')
    .option('--plan <name>', 'Only of this plan')
    .option('--limit <count>', 'Number of codes to list, sold ones first', read.limit, 100)
    .action(list)
  act(
    noun,
    'rekey',
    'Encrypt codes under older keys with the first key of NUMLET_ENCRYPTION_KEY',
  ).action(rekey)
}

const codesABatch = 1_000

type Import = Reasoned & { plan: string }
type Code = { readonly at: number; readonly text: string }

function importFile(path: string, wanted: Import) {
  return withSession(async ({ db, by, now }) => {
    const vault = await needVault()
    const counts = { imported: 0, known: 0, bad: 0 }
    const complain = (at: number, problem: string) =>
      process.stderr.write(`line ${at}: ${problem}; skipped\n`)
    const put = async (codes: readonly Code[]) => {
      const batch = { planName: wanted.plan, codes: codes.map(({ text }) => text) }
      const { imported, doubles } = await importEsimCodes(
        db,
        now(),
        by(wanted.reason),
        vault,
        batch,
      )
      counts.imported += imported
      counts.known += doubles.length
      for (const place of doubles) complain((codes[place] as Code).at, 'is already in stock')
    }
    const batch: Code[] = []
    for await (const lines of linesOf(path)) {
      for (const { at, text } of lines) {
        const code = text?.trim()
        if (code === '') continue
        const problem = code === undefined ? 'is too long' : activationCodeProblem(code)
        if (code !== undefined && problem === null) batch.push({ at, text: code })
        else if (problem !== null) {
          counts.bad++
          complain(at, problem)
        }
      }
      while (batch.length >= codesABatch) await put(batch.splice(0, codesABatch))
    }
    // @NOTE also without any code, so that an unknown plan is refused
    await put(batch)
    printThing(wanted, { plan: wanted.plan, ...counts })
    if (counts.bad + counts.known > 0) process.exitCode = 1
  })
}

function list(wanted: Shown & { plan?: string; limit: number }) {
  return withSession(async ({ db, ids }) => {
    const codes = await listCodes(db, { planName: wanted.plan ?? null, limit: wanted.limit })
    printList(
      wanted,
      codes.map((code) => ({
        plan: code.plan,
        position: code.position,
        state: code.orderId === null ? 'in stock' : 'sold',
        order_id: code.orderId === null ? null : ids.toToken('ord', code.orderId),
        sold_at: code.soldAt,
        imported_at: code.importedAt,
        key_id: code.keyId,
      })),
    )
  })
}

function rekey(wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const vault = await needVault()
    const sealed = await reencryptEsimCodes(db, by(wanted.reason), vault)
    printThing(wanted, { sealed, key_id: vault.keyId })
  })
}

async function needVault(): Promise<Vault> {
  const vault = await vaultSource(keyStoreOf(toConfig(process.env)), esimCodes).openOrMake()
  if (vault) return vault
  throw new Refusal(
    'eSIM codes are kept encrypted, and there is no key: ' +
      'set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
  )
}

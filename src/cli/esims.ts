// `numlet esims`: the activation codes of data plans, which no command ever prints.
import type { Command } from 'commander'
import { keyPlacesOf, toConfig } from '../config.ts'
import { append, logged } from '../core/audit/log.ts'
import { activationCodeProblem, esimCodes } from '../core/esims/esim.ts'
import { importCodes, listCodes, sealAnew } from '../core/esims/stock.ts'
import { vaultSource } from '../core/vault/keys.ts'
import type { Vault } from '../core/vault/vault.ts'
import type { Database } from '../db/database.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { linesOf } from './lines.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addEsims(noun: Command): void {
  verb(
    noun,
    'import',
    'bring codes into stock; a bad or known line is named and skipped, and the exit is 1',
  )
    .requiredOption('--plan <name>', 'what they are codes of')
    .argument('<file>', 'one LPA:1$... or SIM-... a line; - is stdin')
    .action(importFile)
  verb(noun, 'list', 'the codes’ places, and the orders that they were sold to')
    .option('--plan <name>', 'only of this plan')
    .option('--limit <count>', 'how many, sold ones first', read.limit, 100)
    .action(list)
  verb(noun, 'rekey', 'encrypt codes of older keys with the first of NUMLET_ENCRYPTION_KEY').action(
    rekey,
  )
}

const codesABatch = 1_000

type Import = Shown & { plan: string }
type Code = { readonly at: number; readonly text: string }

function importFile(path: string, wanted: Import) {
  return withSession(async ({ db }) => {
    const vault = await needVault()
    const counts = { imported: 0, known: 0, bad: 0 }
    const complain = (at: number, problem: string) =>
      process.stderr.write(`line ${at}: ${problem}; skipped\n`)
    const put = async (codes: readonly Code[]) => {
      const { imported, doubles } = await importBatch(db, vault, wanted.plan, codes)
      counts.imported += imported
      counts.known += doubles.length
      for (const place of doubles) complain((codes[place] as Code).at, 'is in stock already')
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
    // @NOTE also without any code: a plan that is not there is refused
    await put(batch)
    printThing(wanted, { plan: wanted.plan, ...counts })
    if (counts.bad + counts.known > 0) process.exitCode = 1
  })
}

function importBatch(db: Database, vault: Vault, planName: string, codes: readonly Code[]) {
  return logged(
    db,
    (tx) => importCodes(tx, new Date(), vault, { planName, codes: codes.map(({ text }) => text) }),
    ({ imported }) =>
      imported === 0
        ? null
        : { actor, action: 'esims.import', detail: { plan: planName, imported } },
  )
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

function rekey(shown: Shown) {
  return withSession(async ({ db }) => {
    const vault = await needVault()
    let sealed = 0
    let round: number
    do {
      round = await sealAnew(db, vault)
      sealed += round
    } while (round > 0)
    const done = { sealed, key_id: vault.keyId }
    await append(db, { actor, action: 'esims.rekey', detail: done })
    printThing(shown, done)
  })
}

async function needVault(): Promise<Vault> {
  const vault = await vaultSource(keyPlacesOf(toConfig(process.env)), esimCodes).openOrMake()
  if (vault) return vault
  throw new Refusal(
    'eSIM codes are kept encrypted, and there is no key: ' +
      'set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
  )
}

// `numlet webhooks`: customers' webhook endpoints, and the encryption of their secrets.
import type { Command } from 'commander'
import { keyStoreOf, toConfig } from '../config.ts'
import { append } from '../core/operator-log.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { secretKeeper } from '../core/vault/secret-keeper.ts'
import { listAllEndpoints } from '../core/webhooks/endpoints.ts'
import { renewSecrets, webhookSecrets } from '../core/webhooks/secrets.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addWebhooks(noun: Command): void {
  verb(noun, 'list', 'List webhook endpoints of all accounts, failing ones first')
    .option('--limit <count>', 'Number of endpoints to list', read.limit, 100)
    .action(list)
  act(noun, 'rekey', 'Encrypt all secrets with the first key of NUMLET_ENCRYPTION_KEY').action(
    rekey,
  )
}

function list(wanted: Shown & { limit: number }) {
  return withSession(async ({ db, ids }) => {
    const endpoints = await listAllEndpoints(db, wanted.limit)
    printList(
      wanted,
      endpoints.map((endpoint) => ({
        webhook_id: ids.toToken('whk', endpoint.id),
        account_id: ids.toToken('acc', endpoint.accountId),
        format: endpoint.format,
        // @NOTE only the host: paths and queries of receivers may contain keys
        host: URL.parse(endpoint.url)?.host ?? null,
        events: endpoint.events.join(','),
        state: endpoint.isActive ? 'on' : (endpoint.offReason ?? 'off'),
        failing_since: endpoint.failingSince,
        created_at: endpoint.createdAt,
      })),
    )
  })
}

function rekey(wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const vaults = vaultSource(keyStoreOf(toConfig(process.env)), webhookSecrets)
    const vault = await vaults.openOrMake()
    if (!vault)
      throw new Refusal(
        'There is no encryption key: set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
      )
    const keeper = secretKeeper(vaults)
    let sealed = 0
    let last: number | null = 0
    while (last !== null) {
      const round = await renewSecrets(db, keeper, last)
      sealed += round.renewed
      last = round.last
    }
    const done = { sealed, key_id: vault.keyId }
    await append(db, by(wanted.reason), { action: 'webhooks.rekey', detail: done })
    printThing(wanted, done)
  })
}

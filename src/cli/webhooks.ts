// `numlet webhooks`: customers' webhook endpoints, and the encryption of their secrets.
import type { Command } from 'commander'
import { listAllEndpoints } from '../core/webhooks/endpoints.ts'
import { renewSecrets, webhookSecrets } from '../core/webhooks/secrets.ts'
import * as read from './arguments.ts'
import { act, printList, type Shown, verb } from './output.ts'
import { rekeyAction } from './rekey.ts'
import { withSession } from './session.ts'

export function addWebhooks(noun: Command): void {
  verb(noun, 'list', 'List webhook endpoints of all accounts, failing ones first')
    .option('--limit <count>', 'Number of endpoints to list', read.limit, 100)
    .action(list)
  act(noun, 'rekey', 'Encrypt all secrets with the first key of NUMLET_ENCRYPTION_KEY').action(
    rekeyAction('webhooks.rekey', webhookSecrets, renewSecrets),
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

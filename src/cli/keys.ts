// `numlet keys`: made, listed, revoked. A key is shown when it is made and never again.
import type { Command } from 'commander'
import { settle } from '../core/accounts/access.ts'
import { getAccount } from '../core/accounts/accounts.ts'
import { createKey, listKeys, revokeKey } from '../core/accounts/keys.ts'
import { logged } from '../core/audit/log.ts'
import { readCatalog } from '../core/catalog/catalog.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { rowOf } from './ids.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { type Session, withSession } from './session.ts'

const accountId = read.idOf('acc')

export function addKeys(noun: Command): void {
  verb(noun, 'create', 'make a key for an account')
    .requiredOption('--account <id>', 'whose key', accountId)
    .option('--name <name>', 'what to call it')
    .option('--scopes <list...>', 'of read, buy, manage; or handler-api alone', read.words)
    .option('--allow-ip <cidr...>', 'the only addresses or networks it works from', read.words)
    .option('--expires <time>', 'when it ends (ISO 8601)', read.futureTime)
    .option('--country <code>', 'for dialects whose calls name no country', read.countryCode)
    .option('--error-form <form>', 'plain or hero: how handler_api answers failures')
    .action(create)
  verb(noun, 'list', 'the keys of an account')
    .requiredOption('--account <id>', 'whose keys', accountId)
    .action(list)
  verb(noun, 'revoke', 'end a key at once')
    .argument('<key-id>', 'which key', read.idOf('key'))
    .action(revoke)
}

type Creation = Shown & {
  account: string
  name?: string
  scopes?: string[]
  allowIp?: string[]
  expires?: Date
  country?: string
  errorForm?: string
}

function create(wanted: Creation) {
  return withSession(async ({ db, ids }) => {
    const id = rowOf(ids, 'acc', wanted.account)
    await getAccount(db, id)
    if (wanted.country) await assertCountry(db, wanted.country)
    const { key, apiKey } = await logged(
      db,
      (tx) =>
        createKey(tx, {
          accountId: id,
          name: wanted.name,
          scopes: wanted.scopes,
          allowedIps: wanted.allowIp,
          expiresAt: wanted.expires,
          defaultCountry: wanted.country,
          errorForm: wanted.errorForm,
        }),
      (made) => ({
        actor,
        action: 'key.create',
        accountId: id,
        detail: { key_id: made.apiKey.id, scopes: made.apiKey.scopes },
      }),
    )
    printThing(wanted, {
      key_id: ids.toToken('key', apiKey.id),
      key,
      account_id: ids.toToken('acc', id),
      name: apiKey.name,
      scopes: apiKey.scopes,
      allowed_ips: apiKey.allowedIps,
      default_country: apiKey.defaultCountry,
      error_form: apiKey.errorForm,
      expires_at: apiKey.expiresAt,
    })
  })
}

async function assertCountry(db: Session['db'], code: string) {
  if (!(await readCatalog(db)).country(code)) throw new Refusal(`There is no country ${code}.`)
}

function list(wanted: Shown & { account: string }) {
  return withSession(async ({ db, ids }) => {
    const { id } = await getAccount(db, rowOf(ids, 'acc', wanted.account))
    const keys = await listKeys(db, id)
    printList(
      wanted,
      keys.map((key) => ({
        key_id: ids.toToken('key', key.id),
        begins_with: key.hint,
        name: key.name,
        scopes: key.scopes,
        allowed_ips: key.allowedIps,
        default_country: key.defaultCountry,
        error_form: key.errorForm,
        expires_at: key.expiresAt,
        revoked_at: key.revokedAt,
        last_used_at: key.lastUsedAt,
        created_at: key.createdAt,
      })),
    )
  })
}

function revoke(text: string, shown: Shown) {
  return withSession(async ({ db, ids }) => {
    const id = rowOf(ids, 'key', text)
    const key = await logged(
      db,
      (tx) => revokeKey(tx, new Date(), id, null),
      (ended) => ({
        actor,
        action: 'key.revoke',
        accountId: ended.accountId,
        detail: { key_id: id },
      }),
    )
    await settle()
    printThing(shown, {
      key_id: ids.toToken('key', key.id),
      account_id: ids.toToken('acc', key.accountId),
      revoked_at: key.revokedAt,
    })
  })
}

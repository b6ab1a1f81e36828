// `numlet keys`: API keys of accounts. A key is shown only when it is created.
import type { Command } from 'commander'
import { revocationKnown } from '../core/accounts/access.ts'
import { listKeys } from '../core/accounts/keys.ts'
import * as operating from '../core/operating/keys.ts'
import * as read from './arguments.ts'
import { accountOf, naming, rowOf } from './ids.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

const whichAccount = 'The account: its id, number or e-mail address'

export function addKeys(noun: Command): void {
  act(noun, 'create', 'Create a key for an account; the key is shown only now')
    .requiredOption('--account <account>', whichAccount, read.account)
    .option('--name <name>', 'Name of the key')
    .option(
      '--scopes <scopes...>',
      'Scopes: any of read, buy and manage, or handler-api alone',
      read.words,
    )
    .option('--allow-ip <cidr...>', 'Addresses or networks that may use the key', read.words)
    .option('--expires <time>', 'When the key expires (ISO 8601)', read.futureTime)
    .option(
      '--country <code>',
      'Country to buy in if a call names none (two letters, ISO 3166)',
      read.countryCode,
    )
    .option('--error-form <form>', 'How handler_api answers failures: plain or hero')
    .addHelpText(
      'after',
      '\nA key opens the messages of its account. The account sees that an operator created it, and its' +
        '\nfirst use is logged with the reason that you state.',
    )
    .action(create)
  verb(noun, 'list', 'List the keys of an account')
    .requiredOption('--account <account>', whichAccount, read.account)
    .option('--limit <count>', 'Number of keys to list, oldest first', read.limit, 1_000)
    .action(list)
  act(noun, 'revoke', 'Revoke a key at once')
    .argument('<key>', 'The key: its id or number', read.idOf('key'))
    .action(revoke)
}

type Creation = Reasoned & {
  account: string
  name?: string
  scopes?: string[]
  allowIp?: string[]
  expires?: Date
  country?: string
  errorForm?: string
}

function create(wanted: Creation) {
  return withSession(async (session) => {
    const { db, ids, by, now } = session
    // Dialects register their scopes.
    await import('../dialects/all.ts')
    const accountId = await accountOf(session, wanted.account)
    const { key, apiKey } = await operating.create(db, now(), by(wanted.reason), {
      accountId,
      name: wanted.name,
      scopes: wanted.scopes,
      allowedIps: wanted.allowIp,
      expiresAt: wanted.expires,
      defaultCountry: wanted.country,
      errorForm: wanted.errorForm,
    })
    printThing(wanted, {
      key_id: ids.toToken('key', apiKey.id),
      key,
      account_id: ids.toToken('acc', accountId),
      name: apiKey.name,
      scopes: apiKey.scopes,
      allowed_ips: apiKey.allowedIps,
      default_country: apiKey.defaultCountry,
      error_form: apiKey.errorForm,
      expires_at: apiKey.expiresAt,
    })
  })
}

function list(wanted: Shown & { account: string; limit: number }) {
  return withSession(async (session) => {
    const { db, ids } = session
    const { account, limit } = wanted
    const keys = await listKeys(db, await accountOf(session, account), { limit })
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
        made_by: key.madeBy,
        made_with: key.madeWith === null ? null : ids.toToken('key', key.madeWith),
        created_at: key.createdAt,
      })),
    )
  })
}

function revoke(text: string, wanted: Reasoned) {
  return withSession(async ({ db, ids, by, now }) => {
    const revoking = operating.revoke(db, now(), by(wanted.reason), rowOf(ids, 'key', text))
    const key = await naming('key', text, revoking)
    await revocationKnown()
    printThing(wanted, {
      key_id: ids.toToken('key', key.id),
      account_id: ids.toToken('acc', key.accountId),
      revoked_at: key.revokedAt,
    })
  })
}

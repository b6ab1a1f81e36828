// `numlet users rekey`: encrypts the secrets of authenticators again.
import type { Command } from 'commander'
import { keyStoreOf, toConfig } from '../config.ts'
import { append } from '../core/operator-log.ts'
import { renewTotpSecrets, totpSecrets } from '../core/people/totp-secrets.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { secretKeeper } from '../core/vault/secret-keeper.ts'
import { Refusal } from './failure.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'

export function addUsersRekey(noun: Command): void {
  act(noun, 'rekey', 'Encrypt the secrets of authenticators with the first encryption key').action(
    rekey,
  )
}

function rekey(wanted: Reasoned) {
  return withSession(async ({ db, by }) => {
    const vaults = vaultSource(keyStoreOf(toConfig(process.env)), totpSecrets)
    const vault = await vaults.openOrMake()
    if (!vault)
      throw new Refusal(
        'There is no encryption key: set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
      )
    const keeper = secretKeeper(vaults)
    let sealed = 0
    let last: number | null = 0
    while (last !== null) {
      const round = await renewTotpSecrets(db, keeper, last)
      sealed += round.renewed
      last = round.last
    }
    const done = { sealed, key_id: vault.keyId }
    await append(db, by(wanted.reason), { action: 'users.rekey', detail: done })
    printThing(wanted, done)
  })
}

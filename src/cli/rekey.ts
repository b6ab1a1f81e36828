// `rekey` of a noun whose secrets are in many rows: encrypts them again with the first encryption key.
import { keyStoreOf, toConfig } from '../config.ts'
import { append } from '../core/operator-log.ts'
import { vaultSource } from '../core/vault/keys.ts'
import { type SecretKeeper, secretKeeper } from '../core/vault/secret-keeper.ts'
import type { Database } from '../db/database.ts'
import { Refusal } from './failure.ts'
import { printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'

/** Encrypts some secrets again, from a row on. */
type Renew = (
  db: Database,
  keeper: SecretKeeper,
  after: number,
) => Promise<{
  readonly renewed: number
  /** Where to go on; null: there are no more. */
  readonly last: number | null
}>

/** The action of `rekey`.
 * @param what the name in the operator log @param purpose what the keys of the vault are for */
export const rekeyAction =
  (what: `${string}.rekey`, purpose: string, renew: Renew) => (wanted: Reasoned) =>
    withSession(async ({ db, by }) => {
      const vaults = vaultSource(keyStoreOf(toConfig(process.env)), purpose)
      const vault = await vaults.openOrMake()
      if (!vault)
        throw new Refusal(
          'There is no encryption key: set NUMLET_ENCRYPTION_KEY to 32 random bytes in base64.',
        )
      const keeper = secretKeeper(vaults)
      let sealed = 0
      let last: number | null = 0
      while (last !== null) {
        const round = await renew(db, keeper, last)
        sealed += round.renewed
        last = round.last
      }
      const done = { sealed, key_id: vault.keyId }
      await append(db, by(wanted.reason), { action: what, detail: done })
      printThing(wanted, done)
    })

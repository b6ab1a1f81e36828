// Leaving the platform, as one object: everything of an account as a file, and closing it.
import type { Database } from '../../db/database.ts'
import { revocationKnown } from '../accounts/access.ts'
import { DomainError } from '../error.ts'
import type { Person } from '../people/person.ts'
import { ownedBy } from '../people/team.ts'
import type { PublicIds } from '../public-id.ts'
import { closeAccount } from './close.ts'
import { type ExportRecord, exportAccount } from './export.ts'

export type Leaving = {
  /** Everything of the account of an owner. @throws forbidden, account_suspended */
  exportFor(person: Person): AsyncGenerator<ExportRecord>
  /** Closes the account of an owner; a job deletes what is left of it.
   * @param wanted.confirmed the public id of the account, typed by the owner
   * @throws invalid_request, forbidden, account_suspended, account_in_use */
  close(person: Person, confirmed: string): Promise<void>
}

/** Composes the verbs. */
export const leavingVerbs = (parts: {
  readonly db: Database
  readonly clock: () => Date
  readonly ids: PublicIds
}): Leaving => ({
  exportFor: (person) => exportAccount({ ...parts, now: parts.clock }, ownedBy(person).accountId),
  async close(person, confirmed) {
    const { accountId } = ownedBy(person)
    const id = parts.ids.toToken('acc', accountId)
    if (confirmed !== id) {
      const detail = `must be ${id}, the id of the account that is closed for good`
      throw new DomainError('invalid_request', `confirm: ${detail}.`, {
        fields: [{ pointer: 'confirm', detail }],
      })
    }
    const by = { actor: `user ${person.user.id}`, reason: 'closed by its owner' }
    await closeAccount(parts.db, parts.clock(), by, accountId)
    await revocationKnown()
  },
})

// Ids as they are typed and shown: `acc_...` and the like, made of the rows' numbers and back.
import { DomainError } from '../core/error.ts'
import type { PublicIds } from '../core/public-id.ts'

const largestRow = 2n ** 31n - 1n

/** The row's number behind a token or a bare number, whose form was checked when it was read.
 * @throws not_found */
export function rowOf(ids: PublicIds, prefix: string, text: string): number {
  const id = /^\d+$/.test(text) ? BigInt(text) : ids.fromToken(prefix, text)
  if (id === null || id > largestRow) throw new DomainError('not_found', `There is no ${text}.`)
  return Number(id)
}

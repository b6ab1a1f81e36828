// Open long polls on this node. The limit keeps one account from taking the room of the others.
import { DomainError } from '../core/error.ts'

/** Per account and node. */
const maxWaits = 500
const retryAfterS = 5

/** Returns a function that counts a wait for its account while it runs.
 * @throws rate_limited if the account has too many open */
export function longPolls(): <T>(accountId: number, wait: () => Promise<T>) => Promise<T> {
  const open = new Map<number, number>()
  return async (accountId, wait) => {
    const count = open.get(accountId) ?? 0
    if (count >= maxWaits)
      throw new DomainError('rate_limited', `At most ${maxWaits} long polls may be open at once.`, {
        retryAfterS,
        limit: maxWaits,
      })
    open.set(accountId, count + 1)
    try {
      return await wait()
    } finally {
      const left = (open.get(accountId) ?? 1) - 1
      if (left === 0) open.delete(accountId)
      else open.set(accountId, left)
    }
  }
}

// Closing an account: its people, keys and webhooks are gone at once, and the rest is deleted in batches
// (erase.ts). Records of money stay, under the account's number.
import type { Database, Tx } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { DomainError } from '../error.ts'
import { balanceOf, lockWallets } from '../ledger/ledger.ts'
import { formatAmount } from '../money.ts'
import { append, type By } from '../operator-log.ts'
import { openRenewals } from '../orders/renewal-holds.ts'

/** Closes an account for good. Safe to repeat. Servers know it once `revocationKnown` is awaited.
 * @returns whether it was open until now
 * @throws not_found, account_in_use */
export function closeAccount(
  db: Database,
  now: Date,
  by: By,
  accountId: number,
): Promise<{ changed: boolean }> {
  return db.begin(async (tx) => {
    // Nobody buys, pays in, or makes a key meanwhile.
    await lockWallets(tx, [accountId])
    const [row] = await tx.query<{ closed: boolean }>(
      'select closed_at is not null as closed from accounts where id = $1 for update',
      [accountId],
    )
    if (!row) throw new DomainError('not_found', 'There is no such account.')
    if (row.closed) return { changed: false }
    await assertUnused(tx, accountId)
    await removeAccess(tx, accountId)
    await removePeople(tx, accountId)
    await tx.query(
      `update accounts set state = 'suspended', closed_at = $2, erase_at = $2, name = '',
         email = 'closed-' || id || '@closed.invalid' where id = $1`,
      [accountId, now],
    )
    await append(tx, by, {
      ...{ action: 'account.erase', subject: { type: 'account', id: accountId }, accountId },
    })
    return { changed: true }
  })
}

/** @throws account_in_use: what is left of money or orders has to be settled first */
async function assertUnused(tx: Tx, accountId: number): Promise<void> {
  const [row] = await tx.query<{ open_orders: number; open_deposits: number }>(
    `select coalesce((select open_orders from account_usage where account_id = $1), 0)
              -- A rental that has ended may be about to be renewed.
              + (select count(*)::int from allocations a
                  where ${openRenewals} and exists (select from orders o where o.id = a.order_id
                    and o.account_id = $1 and o.closed_at is not null)) as open_orders,
            (select count(*)::int from deposits where account_id = $1
              and (state in ('pending', 'review') or confirming)) as open_deposits`,
    [accountId],
  )
  const { currency, decimals } = await getAccount(tx, accountId)
  const balance = await balanceOf(tx, accountId)
  const left = [
    ...(row?.open_orders
      ? [`${counted(row.open_orders, 'open order')}: cancel or finish them, or wait for their end`]
      : []),
    ...(row?.open_deposits
      ? [`${counted(row.open_deposits, 'open deposit')}: wait until they are paid or expire`]
      : []),
    ...(balance === 0n
      ? []
      : [
          `a balance of ${formatAmount(balance, decimals)} ${currency}: spend it, or have it paid out ` +
            'and debited by the operator',
        ]),
  ]
  if (left.length > 0)
    throw new DomainError('account_in_use', `The account still has ${left.join('; and ')}.`, {
      ...{ openOrders: row?.open_orders ?? 0, openDeposits: row?.open_deposits ?? 0 },
      ...{ balance: formatAmount(balance, decimals), currency },
    })
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Keys and webhooks work no more. The webhooks' rows go with their deliveries. */
async function removeAccess(tx: Tx, accountId: number): Promise<void> {
  await tx.query(
    'delete from key_spending where key_id in (select id from api_keys where account_id = $1)',
    [accountId],
  )
  await tx.query('delete from api_keys where account_id = $1', [accountId])
  await tx.query(
    `update webhook_endpoints set active = false, off_reason = null, description = '',
       url = 'https://closed.invalid/' where account_id = $1`,
    [accountId],
  )
  await tx.query('delete from pinned_products where account_id = $1', [accountId])
  await tx.query('delete from max_prices where account_id = $1', [accountId])
}

/** Whoever belongs to no other account, and is not of the operator's staff, is a user no more. */
async function removePeople(tx: Tx, accountId: number): Promise<void> {
  await tx.query('delete from mails where account_id = $1', [accountId])
  await tx.query('delete from one_time_links where account_id = $1', [accountId])
  // Locked first, and judged by a statement of its own: who joins another account meanwhile stays.
  const members = await tx.query<{ id: number }>(
    `select u.id from users u join memberships m on m.user_id = u.id and m.account_id = $1
      order by u.id for update of u`,
    [accountId],
  )
  const gone = await tx.query<{ id: number; email: string }>(
    `select u.id, u.email from users u
      where u.id = any($2)
        and not exists (select from memberships o where o.user_id = u.id and o.account_id <> $1)
        and not exists (select from staff s where s.user_id = u.id)`,
    [accountId, members.map(({ id }) => id)],
  )
  await tx.query('delete from memberships where account_id = $1', [accountId])
  const emails = gone.map(({ email }) => email)
  await tx.query('delete from mails where email = any($1)', [emails])
  await tx.query('delete from one_time_links where email = any($1)', [emails])
  await tx.query('delete from users where id = any($1)', [gone.map(({ id }) => id)])
}

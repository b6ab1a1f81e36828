// An account's money as one object, with the database inside.
import type { Database } from '../../db/database.ts'
import { balanceHistory } from '../ledger/balance-history.ts'
import { lowBalanceOf, setLowBalance } from '../ledger/low-balance.ts'
import { statement } from '../ledger/statement.ts'
import type { Amount } from '../money.ts'
import { balanceOf } from './accounts.ts'

export type Money = {
  /** The decimals of a currency. */
  decimals(currency: string): number
  /** An account's balance, in its currency. */
  balance(accountId: number): Promise<Amount>
  /** The threshold for low-balance events; null if none is set. */
  lowBalance(accountId: number): Promise<Amount | null>
  /** Sets or removes it. @throws invalid_request, not_found */
  setLowBalance(accountId: number, mark: Amount | null): Promise<void>
  /** The lines of an account's statement, newest first. */
  statement(wanted: Parameters<typeof statement>[1]): ReturnType<typeof statement>
  /** One numbered page of the changes of a balance, and their number. */
  history(page: Parameters<typeof balanceHistory>[1]): ReturnType<typeof balanceHistory>
}

/** Composes the verbs on an account's money. */
export const moneyVerbs = (db: Database, decimals: (currency: string) => number): Money => ({
  decimals,
  balance: (accountId) => balanceOf(db, accountId),
  lowBalance: (accountId) => lowBalanceOf(db, accountId),
  setLowBalance: (accountId, mark) => setLowBalance(db, accountId, mark),
  statement: (wanted) => statement(db, wanted),
  history: (page) => balanceHistory(db, page),
})

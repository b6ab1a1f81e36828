// An account's money as one object, for those who show it.
import type { Database } from '../../db/database.ts'
import { balanceHistory } from '../ledger/balance-history.ts'
import { statement } from '../ledger/statement.ts'
import type { Amount } from '../money.ts'
import { balanceOf } from './accounts.ts'

export type Money = {
  /** The decimals of a currency. */
  decimals(currency: string): number
  /** An account's balance, in its currency. */
  balance(accountId: number): Promise<Amount>
  /** The lines of an account's statement, newest first. */
  statement(wanted: Parameters<typeof statement>[1]): ReturnType<typeof statement>
  /** One numbered page of the changes of a balance, and their number. */
  history(page: Parameters<typeof balanceHistory>[1]): ReturnType<typeof balanceHistory>
}

/** Composes the reads of an account's money. */
export const moneyReads = (db: Database, decimals: (currency: string) => number): Money => ({
  decimals,
  balance: (accountId) => balanceOf(db, accountId),
  statement: (wanted) => statement(db, wanted),
  history: (page) => balanceHistory(db, page),
})

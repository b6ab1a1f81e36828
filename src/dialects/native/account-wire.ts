// Transactions and API keys in the native API's wire format.
import type { App } from '../../app.ts'
import type { ApiKey } from '../../core/accounts/keys.ts'
import type { StatementLine } from '../../core/ledger/statement.ts'
import { formatAmount } from '../../core/money.ts'
import type * as schemas from './schemas.ts'
import { time, type Wire } from './wire.ts'

export function transactionAnswer(
  app: App,
  line: StatementLine,
  decimals: number,
): Wire<typeof schemas.transaction> {
  const token = (prefix: string, id: bigint) => app.ids.toToken(prefix, id)
  const id = token('txn', line.seq)
  const movement = {
    amount: formatAmount(line.amount, decimals),
    change: formatAmount(line.change, decimals),
    balance_after: line.balanceAfter === null ? null : formatAmount(line.balanceAfter, decimals),
    currency: line.currency,
    reference: line.reference,
    created_at: line.createdAt.toISOString(),
  }
  switch (line.kind) {
    case 'deposit':
    case 'credit':
    case 'debit': {
      const deposit = line.depositId === null ? null : token('dep', line.depositId)
      return { id, type: line.kind, order_id: null, deposit_id: deposit, ...movement }
    }
    default: {
      if (line.orderId === null) throw new Error(`transfer ${line.id} is of no order`)
      const order = token('ord', line.orderId)
      return { id, type: line.kind, order_id: order, deposit_id: null, ...movement }
    }
  }
}

export function keyAnswer(app: App, key: ApiKey, decimals: number): Wire<typeof schemas.apiKey> {
  const { maxSpendADay: cap, spending } = key
  const isToday = spending?.day === app.now().toISOString().slice(0, 10)
  return {
    id: app.ids.toToken('key', key.id),
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    default_country: key.defaultCountry,
    error_form: key.errorForm,
    allowed_ips: [...key.allowedIps],
    expires_at: time(key.expiresAt),
    revoked_at: time(key.revokedAt),
    last_used_at: time(key.lastUsedAt),
    max_spend_a_day: cap === null ? null : formatAmount(cap, decimals),
    spent_today: cap === null ? null : formatAmount(isToday ? spending.spent : 0n, decimals),
    created_by: createdBy(app, key),
    created_at: key.createdAt.toISOString(),
  }
}

const createdBy = (app: App, { madeBy, madeWith }: ApiKey) => {
  if (madeBy !== null) return 'operator'
  return madeWith === null ? null : app.ids.toToken('key', madeWith)
}

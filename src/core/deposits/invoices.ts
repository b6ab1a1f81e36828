// A deposit's invoice at its gateway: requested after the commit, and recorded when it arrives.
import type { Database } from '../../db/database.ts'
import { type Deposit, stateAt } from './deposit.ts'
import { type Asked, askedOf, type Gateway, type Invoice, type Recorded } from './gateway.ts'
import {
  type DepositRow,
  depositColumns,
  later,
  lockDeposit,
  readDeposit,
  tellOfDeposits,
  toDeposit,
} from './rows.ts'

/** How long a gateway call may take before another node may repeat it: more than the longest timeout of a
 * gateway call. */
export const invoiceLeaseS = 60
const afterNoAnswerS = 10
/** When a gateway that sends notices is polled for the first time anyway. */
const firstCheckS = 30

/** What other gateway calls need to know of a deposit that has an invoice. */
export const recordedOf = (deposit: Deposit): Recorded => ({
  reference: deposit.reference,
  ref: deposit.gatewayRef ?? '',
  currency: deposit.currency,
  total: deposit.total,
})

/**
 * Requests a deposit's invoice from the gateway and records it. Safe to repeat.
 * @param options.isRetry whether an earlier call may have created it already
 * @returns the resulting deposit: with its invoice, without one if the gateway did not answer, or failed if
 * the gateway refused; and what became of asking it
 */
export async function makeInvoice(
  db: Database,
  now: Date,
  gateway: Gateway,
  deposit: Deposit,
  { isRetry }: { readonly isRetry: boolean },
): Promise<{ readonly deposit: Deposit; readonly asked: Asked }> {
  if (stateAt(deposit, now) !== 'pending') return { deposit, asked: 'not_asked' }
  try {
    const invoice = await gateway.invoice({
      reference: deposit.reference,
      amount: deposit.total,
      currency: deposit.currency,
      expiresAt: deposit.expiresAt,
      returnUrl: payUrlOf(deposit),
      isRetry,
    })
    const made = await recordInvoice(db, now, gateway, deposit, invoice)
    return { deposit: made, asked: 'answered' }
  } catch (error) {
    const asked = askedOf(error)
    const record = asked === 'refused' ? failRefused : comeBack
    return { deposit: await record(db, now, deposit), asked }
  }
}

/** The payer's page. */
export const payUrlOf = (deposit: Deposit): string => `${deposit.origin}/pay/${deposit.payToken}`

async function recordInvoice(
  db: Database,
  now: Date,
  gateway: Gateway,
  deposit: Deposit,
  invoice: Invoice,
): Promise<Deposit> {
  const [row] = await db.once<DepositRow>(
    `update deposits d set gateway_ref = $2, checkout_url = $3, qris = $4, instructions = $5, check_at = $6
      where d.id = $1 and d.gateway_ref is null returning ${depositColumns}`,
    [
      deposit.id,
      invoice.ref,
      invoice.checkoutUrl,
      invoice.qris,
      invoice.instructions,
      gateway.features.answers ? later(now, firstCheckS) : null,
    ],
  )
  return row ? toDeposit(row) : readDeposit(db, { id: deposit.id })
}

function failRefused(db: Database, now: Date, { id }: Deposit): Promise<Deposit> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id })
    if (deposit.state !== 'pending' || deposit.gatewayRef !== null) return deposit
    const [row] = await tx.query<DepositRow>(
      `update deposits d set state = 'failed', problem = 'refused', check_at = null
        where d.id = $1 returning ${depositColumns}`,
      [id],
    )
    await tellOfDeposits(tx, now, 'deposit.failed', [deposit])
    return toDeposit(row as DepositRow)
  })
}

async function comeBack(db: Database, now: Date, deposit: Deposit): Promise<Deposit> {
  await db.once('update deposits set check_at = $2 where id = $1 and gateway_ref is null', [
    deposit.id,
    later(now, afterNoAnswerS),
  ])
  return deposit
}

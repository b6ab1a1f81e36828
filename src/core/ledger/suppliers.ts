// Money with suppliers of numbers, in their currencies. No transfer joins two currencies, and none joins a
// customer's account with a supplier's.
//
// topup  funding -> prepaid    the operator paid the supplier (or was told what it has already)
// hold   prepaid -> at_risk    a number came: the supplier has taken its cost, and may still return it
// post   at_risk -> cost       it keeps the cost
// void   at_risk -> prepaid    it returned the cost
// charge prepaid -> cost       it took a cost again that it had returned
// refund cost    -> prepaid    it returned a cost that it had kept
// adjust                       a cost was another one than was told or listed; a difference was settled
import type { Tx } from '../../db/database.ts'
import { type Amount, maxAmount } from '../money.ts'
import { transferIdFor } from './transfer-id.ts'

const supplierAccounts = ['prepaid', 'at_risk', 'cost', 'losses'] as const
export type SupplierAccount = (typeof supplierAccounts)[number]

/** A supplier's money: it has one currency. */
export type SupplierMoney = {
  readonly supplierId: number
  readonly currency: string
  readonly amount: Amount
}

/** The cost of a number, with the id of its hold. */
export type Cost = SupplierMoney & { readonly holdId: string }

/** Creates a supplier's accounts. Safe to repeat. */
export async function openSupplierAccounts(
  tx: Tx,
  supplierId: number,
  currency: string,
): Promise<void> {
  await tx.query(
    `insert into ledger_accounts (kind, supplier_id, currency)
     select n.kind, n.supplier_id, $3
       from (select kind, $2::int from unnest($1::text[]) as kind
             union all select 'funding', null) n(kind, supplier_id)
      where not exists (select from ledger_accounts a
                         where a.kind = n.kind and a.supplier_id is not distinct from n.supplier_id
                           and a.account_id is null and a.currency = $3)
     on conflict do nothing`,
    [supplierAccounts, supplierId, currency],
  )
}

/** The hold of an allocation's cost: always the same for it. */
export const costHoldOf = (allocationId: bigint) => transferIdFor('supply_hold', allocationId)

/** Holds the cost of a number that came. The same hold is made once. */
export function holdCost(tx: Tx, now: Date, cost: Cost): Promise<boolean> {
  return transfer(tx, now, cost, {
    ...{ id: cost.holdId, kind: 'supply_hold', from: 'prepaid', to: 'at_risk', holdId: null },
  })
}

/** Ends the hold of a cost: it is kept (`post`) or returned (`void`).
 * @returns false if it had ended before */
export function endCost(tx: Tx, now: Date, cost: Cost, how: 'post' | 'void'): Promise<boolean> {
  const kind = `supply_${how}` as const
  const to = how === 'post' ? 'cost' : 'prepaid'
  const id = transferIdFor(kind, cost.holdId)
  return transfer(tx, now, cost, { id, kind, from: 'at_risk', to, holdId: cost.holdId })
}

/** The supplier has taken a cost again that it had returned. The same happens once for each hold. */
export function chargeAgain(tx: Tx, now: Date, cost: Cost): Promise<boolean> {
  const id = transferIdFor('supply_charge', cost.holdId)
  return transfer(tx, now, cost, {
    ...{ id, kind: 'supply_charge', from: 'prepaid', to: 'cost', holdId: null },
  })
}

/** The supplier has returned a cost that it had kept. The same happens once for each hold. */
export function refundCost(tx: Tx, now: Date, cost: Cost): Promise<boolean> {
  const id = transferIdFor('supply_refund', cost.holdId)
  return transfer(tx, now, cost, {
    ...{ id, kind: 'supply_refund', from: 'cost', to: 'prepaid', holdId: cost.holdId },
  })
}

/** Moves an amount between a supplier's accounts, once for each name. */
export function adjust(
  tx: Tx,
  now: Date,
  money: SupplierMoney,
  way: {
    readonly name: readonly (string | bigint)[]
    readonly from: SupplierAccount
    readonly to: SupplierAccount
    /** The hold whose cost it corrects; omitted: none. */
    readonly holdId?: string
    readonly reference?: string
  },
): Promise<boolean> {
  const id = transferIdFor('supply_adjust', ...way.name)
  return transfer(tx, now, money, { holdId: null, ...way, id, kind: 'supply_adjust' })
}

/** The operator's payment to a supplier. The same reference counts once. */
export function topUp(
  tx: Tx,
  now: Date,
  money: SupplierMoney & { readonly reference: string },
): Promise<boolean> {
  const { supplierId, reference } = money
  const id = transferIdFor('supplier_topup', supplierId, reference)
  return transfer(tx, now, money, {
    ...{ id, kind: 'supplier_topup', from: 'funding', to: 'prepaid', holdId: null, reference },
  })
}

const ofSuppliers = `kind in ('supply_hold', 'supply_post', 'supply_void', 'supply_charge', 'supply_refund',
  'supply_adjust', 'supplier_topup')`

/** What is in a supplier's account, as SQL: the sum of its transfers.
 * @param account how the statement names it */
export const balanceOfAccount = (account: string) => `(
  coalesce((select sum(t.amount) from transfers t
             where t.credit_id = ${account}.id and t.${ofSuppliers}), 0)
  - coalesce((select sum(t.amount) from transfers t
               where t.debit_id = ${account}.id and t.${ofSuppliers}), 0))`

type Way = {
  readonly id: string
  readonly kind: string
  readonly from: SupplierAccount | 'funding'
  readonly to: SupplierAccount
  readonly holdId: string | null
  readonly reference?: string
}

/** @returns whether it moved now: the same id moves money once */
async function transfer(tx: Tx, now: Date, money: SupplierMoney, way: Way): Promise<boolean> {
  const { supplierId, currency, amount } = money
  if (amount < 0n || amount > maxAmount) throw new RangeError('the amount is out of range')
  await openSupplierAccounts(tx, supplierId, currency)
  const rows = await tx.query(
    `insert into transfers (id, kind, debit_id, credit_id, amount, currency, hold_id, reference, created_at)
     select $1, $2, d.id, c.id, $3, $4, $5, $6, $7
       from ledger_accounts d, ledger_accounts c
      where d.kind = $8 and d.currency = $4
        and d.supplier_id is not distinct from case when $8 <> 'funding' then $10::int end
        and c.kind = $9 and c.currency = $4 and c.supplier_id = $10
     on conflict do nothing returning 1 as yes`,
    [
      ...[way.id, way.kind, amount, currency, way.holdId, way.reference ?? '', now],
      ...[way.from, way.to, supplierId],
    ],
  )
  return rows.length > 0
}

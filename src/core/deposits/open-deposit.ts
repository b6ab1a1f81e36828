// Opening a deposit.
import { randomInt } from 'node:crypto'
import type { Database, Tx } from '../../db/database.ts'
import { randomText } from '../accounts/key.ts'
import { type Annotations, metadataColumn, noAnnotations } from '../annotations.ts'
import { DomainError } from '../error.ts'
import {
  claimKey,
  isRepeated,
  noteSubject,
  type Once,
  type Repeated,
} from '../idempotency/idempotency.ts'
import { type Amount, maxAmount } from '../money.ts'
import type { Deposit } from './deposit.ts'
import {
  acceptsCurrency,
  type Charged,
  feeOf,
  type Gateway,
  type Gateways,
  gatewayNamed,
  rangeOf,
} from './gateway.ts'
import { invoiceLeaseS, makeInvoice } from './invoices.ts'
import { type DepositRow, depositColumns, later, tellOfDeposits, toDeposit } from './rows.ts'

const payTokenLength = 32
const maxOriginLength = 300
const referenceLength = 12
/** Without letters that look like digits: payers type the reference on bank transfers. */
const referenceAlphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

export type NewDeposit = {
  readonly accountId: number
  readonly gateway: string
  /** In the account's currency. */
  readonly amount: Amount
  /** The base URL of the payer's links. */
  readonly origin: string
  readonly annotations?: Annotations
  readonly once: Once | null
}

/**
 * Creates a deposit. Nothing is credited before it is paid. If the gateway does not answer, the deposit is
 * pending without an invoice, and `checkDeposit` requests the invoice again.
 * @throws not_found if the account cannot use the gateway, invalid_request if the gateway does not accept the
 * amount
 */
export async function openDeposit(
  db: Database,
  now: Date,
  gateways: Gateways,
  wanted: NewDeposit,
): Promise<Deposit | Repeated> {
  const gateway = gatewayNamed(gateways, wanted.gateway)
  assertOrigin(wanted.origin)
  if (!gateway) throw new DomainError('not_found', 'This payment method is not available.')
  const opened = await db.begin((tx) => insertDeposit(tx, now, gateway, wanted))
  if (isRepeated(opened)) return opened
  return (await makeInvoice(db, now, gateway, opened, { isRetry: false })).deposit
}

async function insertDeposit(
  tx: Tx,
  now: Date,
  gateway: Gateway,
  wanted: NewDeposit,
): Promise<Deposit | Repeated> {
  const charged = await currencyOf(tx, wanted.accountId)
  const { currency } = charged
  if (!acceptsCurrency(gateway, currency))
    throw new DomainError('not_found', `No payment method for ${currency} is available.`)
  assertAmount(wanted.amount, charged, gateway)
  if (!(await claimKey(tx, now, wanted.accountId, wanted.once))) return { repeated: true }
  const { reference, metadata } = wanted.annotations ?? noAnnotations
  const [row] = await tx.query<DepositRow>(
    `insert into deposits as d (account_id, gateway, amount, total, currency, reference, pay_token, origin,
       created_at, expires_at, check_at, customer_reference, metadata)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     returning ${depositColumns}`,
    [
      wanted.accountId,
      wanted.gateway,
      wanted.amount,
      wanted.amount + feeOf(gateway, wanted.amount, charged),
      currency,
      newReference(),
      randomText(payTokenLength),
      wanted.origin,
      now,
      later(now, gateway.features.windowS),
      // @NOTE later than the gateway call of this request can last
      later(now, invoiceLeaseS),
      reference,
      metadataColumn(metadata),
    ],
  )
  const deposit = toDeposit(row as DepositRow)
  await noteSubject(tx, wanted.accountId, wanted.once, { kind: 'deposit', ids: [deposit.id] })
  await tellOfDeposits(tx, now, 'deposit.created', [deposit])
  return deposit
}

function newReference(): string {
  let text = 'NL'
  for (let i = 0; i < referenceLength; i++)
    text += referenceAlphabet[randomInt(referenceAlphabet.length)]
  return text
}

/** The lock keeps the account from being closed meanwhile. */
async function currencyOf(tx: Tx, accountId: number): Promise<Charged> {
  const [row] = await tx.query<Charged>(
    `select a.currency, smallest_unit(c.decimals) as unit
       from accounts a join currencies c on c.code = a.currency
      where a.id = $1 and a.closed_at is null for share of a`,
    [accountId],
  )
  if (!row) throw new DomainError('not_found', 'There is no such account.')
  return row
}

function assertAmount(amount: Amount, charged: Charged, gateway: Gateway) {
  const { unit } = charged
  const { minimum, maximum } = rangeOf(gateway, charged)
  if (amount <= 0n || amount > maxAmount || amount % unit !== 0n)
    throw wrongAmount('must be greater than 0, and have no more decimals than the currency')
  if (amount < minimum || amount > maximum || amount % gateway.features.step !== 0n)
    throw wrongAmount(
      'is below the minimum, above the maximum or too precise for this payment method',
    )
}

/** Taken from the request if the operator has set none. */
function assertOrigin(origin: string) {
  if (origin.length <= maxOriginLength && URL.canParse(origin)) return
  throw new DomainError('invalid_request', 'The Host header is not a valid host name.', {
    fields: [{ pointer: 'Host', detail: 'must be a host name' }],
  })
}

function wrongAmount(detail: string) {
  return new DomainError('invalid_request', `The amount ${detail}.`, {
    fields: [{ pointer: '/amount', detail }],
  })
}

// The invoice of a deposit: a page to be printed, without scripts.
import type { App } from '../../app.ts'
import type { Account } from '../../core/accounts/accounts.ts'
import { creditedIn, type Deposit, feeIn } from '../../core/deposits/deposit.ts'
import { formatAmount } from '../../core/money.ts'
import { escapeHtml, htmlPage } from '../../http/html-page.ts'

/** The page. Its number is that of the deposit, so it stays the same however often it is printed. */
export function invoicePage(app: App, account: Account, deposit: Deposit): string {
  const token = app.ids.toToken('dep', deposit.id)
  const decimals = app.money.decimals(deposit.currency)
  const money = (amount: bigint) => `${formatAmount(amount, decimals)} ${deposit.currency}`
  const credited = creditedIn(deposit)
  const fee = feeIn(deposit)
  const lines = [
    [`Credit for the account ${app.ids.toToken('acc', account.id)}`, money(credited)],
    ...(fee > 0n ? [['Fee of the payment', money(fee)]] : []),
    ['Total', money(credited + fee)],
  ] as [string, string][]
  const facts = [
    ['Invoice', token],
    ['Date', (deposit.paidAt ?? deposit.createdAt).toISOString().slice(0, 10)],
    ['Customer', [account.name, account.email].filter((one) => one !== '').join(', ')],
    ['Paid by', deposit.gateway],
    ['Reference of the payment', deposit.reference],
    ...(deposit.annotations.reference === null
      ? []
      : [['Your reference', deposit.annotations.reference]]),
    ...(deposit.refundedAt === null
      ? []
      : [['Paid back', deposit.refundedAt.toISOString().slice(0, 10)]]),
  ] as [string, string][]
  const letterhead = (app.settings().letterhead ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return htmlPage(
    `Invoice ${token}`,
    `${letterhead.map((line) => `<p>${escapeHtml(line)}</p>`).join('')}<h1>Invoice</h1>` +
      `<table>${facts.map(rowOf).join('')}</table><table>${lines.map(rowOf).join('')}</table>`,
  )
}

const rowOf = ([name, value]: readonly [string, string]) =>
  `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`

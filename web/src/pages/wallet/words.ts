// How the wallet speaks: gateways, the states of deposits, and the movements of money.
import { useLingui } from '@lingui/react/macro'
import type { Deposit, Gateway, Transaction } from '../../api/queries.ts'
import type { Tone } from '../../parts/order-words.ts'
import { count, lasting, percentage } from '../../texts.ts'

export type GatewayWords = { readonly name: string; readonly about: string }

/** What a gateway is called, and how one pays by it. */
export function useGatewayWords() {
  const { t } = useLingui()
  const known: Readonly<Record<string, GatewayWords>> = {
    sandbox: { name: t`Sandbox`, about: t`Play money, to try things out. You pay by a button.` },
    stripe: { name: t`Card`, about: t`Cards and wallets, on Stripe’s page.` },
    midtrans: { name: 'QRIS', about: t`Scan a code with the app of your bank or wallet.` },
    xendit: { name: 'QRIS', about: t`Scan a code with the app of your bank or wallet.` },
    manual: { name: t`Bank transfer`, about: t`You transfer; the operator credits it on arrival.` },
  }
  return ({ name, way, window }: Gateway): GatewayWords => {
    if (name === 'btcpay') {
      const time = lasting(window)
      return { name: t`Crypto`, about: t`On BTCPay’s page. The rate holds for ${time}.` }
    }
    const about = {
      button: t`You pay by a button.`,
      qris: t`Scan a code with the app of your bank or wallet.`,
      page: t`You pay on its own page.`,
      transfer: t`You transfer; the operator credits it on arrival.`,
    }
    return known[name] ?? { name, about: about[way] }
  }
}

/** What a gateway charges on top, and its currencies. */
export function useGatewayTerms() {
  const { t } = useLingui()
  return ({ fee_percent, currencies }: Gateway): string => {
    const percent = percentage(fee_percent)
    const named = currencies?.slice(0, mostNamed).join(', ')
    const more = (currencies?.length ?? 0) - mostNamed
    const others = count(more)
    return [
      Number(fee_percent) > 0 ? t`Fee: ${percent}` : t`No fee`,
      named === undefined ? t`any currency` : more > 0 ? t`${named} and ${others} more` : named,
    ].join(' · ')
  }
}

const mostNamed = 3

export const toneOf = ({ state }: Deposit): Tone => {
  if (state === 'pending' || state === 'review') return 'wait'
  if (state === 'success') return 'ok'
  return state === 'failed' ? 'bad' : 'plain'
}

export function useDepositWords() {
  const { t } = useLingui()
  return ({ state, confirming }: Deposit): string => {
    const words: Record<Deposit['state'], string> = {
      pending: confirming ? t`Being confirmed` : t`To be paid`,
      success: t`Paid`,
      expired: t`Not paid in time`,
      failed: t`Failed`,
      review: t`Being checked`,
      refunded: t`Paid back`,
    }
    return words[state]
  }
}

/** What a movement of money was. */
export function useMovementWords() {
  const { t } = useLingui()
  return (line: Transaction): string => {
    const words: Record<Transaction['type'], string> = {
      hold: t`Held for an order`,
      post: t`Order paid: its code came`,
      void: t`Given back: no code`,
      release: t`Given back: the rest`,
      refund: t`Refunded`,
      deposit: t`Top-up`,
      credit: t`Credited by the operator`,
      debit: line.deposit_id === null ? t`Debited by the operator` : t`Top-up paid back`,
    }
    return words[line.type]
  }
}

// What became of a deposit: what happened, what it means, what to do.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Deposit } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { money } from '../../texts.ts'
import css from './wallet.module.css'
import { toneOf } from './words.ts'

export function Outcome({ deposit }: { deposit: Deposit }) {
  const { title, meaning } = useOutcome(deposit)
  const { state } = deposit
  const icons: Partial<Record<Deposit['state'], IconName>> = {
    success: 'check',
    failed: 'warning',
    refunded: 'swap',
  }
  const isOver = state === 'expired' || state === 'failed'
  return (
    <>
      <div className={css.done} data-tone={toneOf(deposit)}>
        <i>
          <Icon name={icons[state] ?? 'clock'} size={20} />
        </i>
        <span>{title}</span>
      </div>
      {meaning && <p className="mute">{meaning}</p>}
      {state === 'success' && (
        <div className="row tight wrap">
          <Button component={Link} to="/buy" size="md">
            <Trans>Buy a number</Trans>
          </Button>
          <Button component={Link} to="/wallet" size="md" variant="default">
            <Trans>Back to the wallet</Trans>
          </Button>
        </div>
      )}
      {isOver && (
        <div>
          <Button component={Link} to="/wallet" hash="top-up" size="md">
            <Trans>Top up anew</Trans>
          </Button>
        </div>
      )}
      {(isOver || state === 'review') && <Reference deposit={deposit} />}
    </>
  )
}

/** What the operator asks for. */
function Reference({ deposit }: { deposit: Deposit }) {
  const { t } = useLingui()
  return (
    <dl className="lines">
      <div>
        <dt>{t`Reference of the payment`}</dt>
        <dd className="row tight">
          <span className="mono ltr">{deposit.payment_reference}</span>
          <CopyIcon text={deposit.payment_reference} label={t`Copy the reference`} />
        </dd>
      </div>
    </dl>
  )
}

function useOutcome(deposit: Deposit): { title: string; meaning: ReactNode } {
  const { t } = useLingui()
  const { currency, problem } = deposit
  const sum = money(deposit.credited ?? deposit.amount, currency)
  const paid = deposit.paid ? money(deposit.paid.amount, deposit.paid.currency) : ''
  const why = {
    late: t`It arrived after the time was over.`,
    partial: t`Only ${paid} arrived.`,
    wrong_currency: t`It arrived in another currency: ${paid}.`,
    over: t`More arrived than was asked for: ${paid}. The operator decides about the rest.`,
    refused: t`The payment service did not take it. Nothing was paid.`,
  }
  const reason = problem === null ? null : why[problem]
  switch (deposit.state) {
    case 'pending':
      return {
        title: t`Your payment is on its way`,
        meaning: (
          <Trans>
            It was seen, and is credited as soon as it is final. This takes some minutes; you need
            not wait here.
          </Trans>
        ),
      }
    case 'success':
      return { title: t`Paid: ${sum} is in your balance.`, meaning: reason }
    case 'expired':
      return {
        title: t`The time to pay is over`,
        meaning: (
          <Trans>
            Nothing was paid in time, and nothing was taken. If you have paid after all, nothing is
            lost: it is credited or checked when it arrives.
          </Trans>
        ),
      }
    case 'failed':
      return {
        title: t`The payment failed`,
        meaning: reason ?? t`Nothing was credited. Try again, or choose another way to pay.`,
      }
    case 'review':
      return {
        title: t`Your payment is being checked`,
        meaning: (
          <>
            {reason} <Trans>The operator decides what is credited. You need do nothing.</Trans>
          </>
        ),
      }
    case 'refunded':
      return {
        title: t`This payment was paid back`,
        meaning: t`The money is on its way to where it came from.`,
      }
  }
}

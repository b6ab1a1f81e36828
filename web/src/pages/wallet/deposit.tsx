// A deposit: how it is paid, live until it is, and what became of it.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Fragment, type ReactNode, useEffect, useRef } from 'react'
import { type Deposit, depositQuery, gatewaysQuery } from '../../api/queries.ts'
import { refreshMoney } from '../../live/apply.ts'
import { announce } from '../../parts/announcer.tsx'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Bone, Page, Panel } from '../../parts/page.tsx'
import { dateTime, money } from '../../texts.ts'
import { invoiceOf } from './deposits.tsx'
import { Outcome } from './outcome.tsx'
import css from './wallet.module.css'
import { isBeingMade, Ways } from './ways.tsx'
import { toneOf, useDepositWords, useGatewayWords } from './words.ts'

/** Its gateway is asked for the invoice at this moment. */
const makingMs = 1_500
/** The stream tells of a payment; without one it is seen by asking. */
const waitingMs = 10_000

export function DepositPage() {
  const { t } = useLingui()
  const { id } = useParams({ from: '/inside/wallet/deposits/$id' })
  const { data: gateways } = useQuery(gatewaysQuery)
  const { data: deposit, error } = useQuery({
    ...depositQuery(id),
    refetchInterval: ({ state: { data } }) => {
      if (data?.state !== 'pending') return false
      return isBeingMade(data, gateways) ? makingMs : waitingMs
    },
  })
  useSaidOnce(deposit)
  const sum = deposit ? money(deposit.amount, deposit.currency) : ''
  return (
    <Page
      title={t`Top-up of ${sum}`}
      actions={
        <Button component={Link} to="/wallet" variant="subtle">
          <Trans>Wallet</Trans>
        </Button>
      }
    >
      <div className="stack">
        <FailureNote error={error} />
        <div className="beside">
          <section className="panel" aria-label={t`Payment`}>
            <div className={css.pay}>
              {deposit === undefined ? (
                <Bone height={160} />
              ) : deposit.state === 'pending' && !deposit.confirming ? (
                <Ways deposit={deposit} />
              ) : (
                <Outcome deposit={deposit} />
              )}
            </div>
          </section>
          {deposit && <Facts deposit={deposit} />}
        </div>
      </div>
    </Page>
  )
}

/** Tells once what became of it, and has the balance follow. */
function useSaidOnce(deposit: Deposit | undefined) {
  const { t } = useLingui()
  const words = useDepositWords()
  const what = deposit ? words(deposit) : ''
  const before = useRef(deposit?.state)
  const state = deposit?.state
  const sum = deposit ? money(deposit.credited ?? deposit.amount, deposit.currency) : ''
  useEffect(() => {
    const was = before.current
    before.current = state
    if (was !== 'pending' || state === undefined || state === 'pending') return
    refreshMoney()
    announce(state === 'success' ? t`Paid: ${sum} is in your balance.` : what)
  }, [state, sum, what, t])
}

/** What is known of it, a term and a value each. */
function useFacts(deposit: Deposit): readonly (readonly [string, ReactNode])[] {
  const { t } = useLingui()
  const gatewayWords = useGatewayWords()
  const { data: gateways } = useQuery(gatewaysQuery)
  const gateway = gateways?.find(({ name }) => name === deposit.gateway)
  const { amount, credited, total, paid, currency, reference } = deposit
  const moment = (time: string | null) => (time === null ? null : dateTime(time))
  const all: readonly (readonly [string, ReactNode])[] = [
    [credited === null ? t`To be credited` : t`Credited`, money(credited ?? amount, currency)],
    [t`To pay, with fees`, Number(total) === Number(amount) ? null : money(total, currency)],
    [t`Arrived`, paid && money(paid.amount, paid.currency)],
    [t`Paid by`, gateway ? gatewayWords(gateway).name : deposit.gateway],
    [t`Made`, moment(deposit.created_at)],
    [t`Paid`, moment(deposit.paid_at)],
    [t`Paid back`, moment(deposit.refunded_at)],
    [t`Your reference`, reference],
  ]
  return all.filter(([, value]) => value !== null)
}

function Facts({ deposit }: { deposit: Deposit }) {
  const { t } = useLingui()
  const states = useDepositWords()
  const facts = useFacts(deposit)
  return (
    <Panel
      title={t`Details`}
      aside={<span className={`tag ${toneOf(deposit)}`}>{states(deposit)}</span>}
    >
      <dl className="kv">
        {facts.map(([term, value]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd className="num" dir="auto">
              {value}
            </dd>
          </Fragment>
        ))}
        <dt>{t`Id`}</dt>
        <dd className="mono small">
          <span className="ltr">{deposit.id}</span>{' '}
          <CopyIcon text={deposit.id} label={t`Copy the id`} />
        </dd>
      </dl>
      {deposit.credited !== null && (
        <div className="pad" style={{ paddingTop: 0 }}>
          <Button
            component="a"
            href={invoiceOf(deposit)}
            target="_blank"
            rel="noreferrer"
            variant="default"
            rightSection={<Icon name="external" size={14} />}
          >
            <Trans>Open the invoice</Trans>
          </Button>
        </div>
      )}
    </Panel>
  )
}

// How a deposit is paid, each way on the page: a button, a QR code, the gateway's page, or a transfer.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, take } from '../../api/client.ts'
import { type Deposit, type Gateway, gatewaysQuery, queryClient } from '../../api/queries.ts'
import { refreshMoney } from '../../live/apply.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNow } from '../../parts/now.ts'
import { Bone } from '../../parts/page.tsx'
import { Qr } from '../../parts/qr.tsx'
import { clock, dateTime, money } from '../../texts.ts'
import css from './wallet.module.css'

const daySeconds = 86_400

const isPlay = ({ gateway }: Deposit, gateways: readonly Gateway[] | undefined) =>
  gateways?.find(({ name }) => name === gateway)?.way === 'button'

/** Whether its gateway has not said yet how it can be paid. */
export const isBeingMade = (deposit: Deposit, gateways: readonly Gateway[] | undefined) =>
  !isPlay(deposit, gateways) &&
  deposit.qris === null &&
  deposit.checkout_url === null &&
  deposit.instructions === null

export function Ways({ deposit }: { deposit: Deposit }) {
  const { t } = useLingui()
  const { data: gateways } = useQuery(gatewaysQuery)
  const sum = money(deposit.total, deposit.currency)
  const isReady = gateways !== undefined && !isBeingMade(deposit, gateways)
  return (
    <>
      <div className="row between wrap">
        <div>
          <div className="mute small">{t`To pay`}</div>
          <div className={`${css.sum} num ltr`}>{sum}</div>
        </div>
        <TimeLeft deposit={deposit} />
      </div>
      {isReady ? (
        <>
          {deposit.qris !== null && <Scan text={deposit.qris} />}
          {deposit.instructions !== null && (
            <Transfer deposit={deposit} text={deposit.instructions} />
          )}
          {deposit.checkout_url !== null && (
            <OwnPage deposit={deposit} url={deposit.checkout_url} />
          )}
          {isPlay(deposit, gateways) && <PlayButton deposit={deposit} />}
          <p className="faint small">
            <Trans>This page changes by itself as soon as the payment has arrived.</Trans>
          </p>
        </>
      ) : (
        <div className="stack" role="status">
          <p className="mute">
            <Trans>The payment is being prepared. A moment, please.</Trans>
          </p>
          <Bone height={42} />
        </div>
      )}
    </>
  )
}

function TimeLeft({ deposit }: { deposit: Deposit }) {
  const { t } = useLingui()
  const now = useNow()
  const left = (Date.parse(deposit.expires_at) - now) / 1_000
  const isLong = left > daySeconds
  const time = isLong ? dateTime(deposit.expires_at) : clock(left)
  return (
    <div>
      <div className="mute small">{isLong ? t`To be paid until` : t`Time left`}</div>
      <div className="num strong">{time}</div>
    </div>
  )
}

function Scan({ text }: { text: string }) {
  const { t } = useLingui()
  return (
    <div className={css.scan}>
      <Qr text={text} label={t`QR code of the payment`} />
      <div className="stack">
        <ol className="mute" style={{ margin: 0, paddingInlineStart: 18 }}>
          <li>
            <Trans>Open the app of your bank or wallet.</Trans>
          </li>
          <li>
            <Trans>Scan the code. The amount is in it.</Trans>
          </li>
          <li>
            <Trans>Confirm there.</Trans>
          </li>
        </ol>
        <div className="row tight mute small">
          <Trans>Code as text</Trans>
          <CopyIcon text={text} label={t`Copy the text of the code`} />
        </div>
      </div>
    </div>
  )
}

function Transfer({ deposit, text }: { deposit: Deposit; text: string }) {
  const { t } = useLingui()
  const { total, currency, payment_reference: reference } = deposit
  return (
    <>
      <div className={css.told} dir="auto">
        {text}
      </div>
      <dl className="lines">
        <div>
          <dt>{t`Amount`}</dt>
          <dd className="row tight">
            <span className="num strong ltr">{money(total, currency)}</span>
            <CopyIcon text={total} label={t`Copy the amount`} />
          </dd>
        </div>
        <div>
          <dt>{t`Reference, to be written on the transfer`}</dt>
          <dd className="row tight">
            <span className="mono strong ltr">{reference}</span>
            <CopyIcon text={reference} label={t`Copy the reference`} />
          </dd>
        </div>
      </dl>
      <p className="mute">
        <Trans>
          The transfer is recognised by its reference. The operator credits it when it has arrived,
          also after the time is over.
        </Trans>
      </p>
    </>
  )
}

function OwnPage({ deposit, url }: { deposit: Deposit; url: string }) {
  const { t } = useLingui()
  const isCrypto = deposit.gateway === 'btcpay'
  // Whatever a gateway says: only pages of the web are opened.
  const isSafe = /^https?:\/\//i.test(url)
  return (
    <>
      {isCrypto && (
        <p className="mute">
          <Trans>
            The rate holds until the time is over. What arrives later is checked by the operator
            before it is credited.
          </Trans>
        </p>
      )}
      {isSafe && (
        <div>
          <Button
            component="a"
            href={url}
            target="_blank"
            rel="noreferrer"
            size="md"
            rightSection={<Icon name="external" size={15} />}
          >
            {isCrypto ? t`Pay in crypto` : t`Go to the payment page`}
          </Button>
        </div>
      )}
    </>
  )
}

/** In the sandbox the customer pays by a button. */
function PlayButton({ deposit }: { deposit: Deposit }) {
  const { t } = useLingui()
  const sum = money(deposit.total, deposit.currency)
  const pay = useMutation({
    mutationFn: () =>
      take(api.POST('/v1/deposits/{id}/pay', { params: { path: { id: deposit.id } } })),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ['deposits'] })
      refreshMoney()
    },
  })
  return (
    <>
      <div className="note">
        <Icon name="wallet" />
        <div>
          <Trans>
            This is the sandbox: you pay by pressing the button, and no real money moves.
          </Trans>
        </div>
      </div>
      <FailureNote
        error={pay.error}
        action={
          <a className="link" href={deposit.payment_url} target="_blank" rel="noreferrer">
            <Trans>Open the payment page</Trans>
          </a>
        }
      />
      <div>
        <Button size="md" loading={pay.isPending} onClick={() => pay.mutate()}>
          {t`Pay ${sum}`}
        </Button>
      </div>
    </>
  )
}

// An eSIM: its QR code to scan, and what to type where nothing can be scanned.
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { sendRequest } from '../../api/client.ts'
import { failureOf } from '../../api/failure.ts'
import type { Order } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Bone } from '../../parts/page.tsx'
import { count, dateTime, money } from '../../texts.ts'
import css from './rentals.module.css'

type EsimOrder = Extract<Order, { kind: 'esim' }>

/** Read like everything else, so that it waits for a new sign-in, and kept no longer than it is shown. */
const qrQuery = (id: string) => ({
  queryKey: ['qr', id],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const answer = await sendRequest(`/v1/orders/${encodeURIComponent(id)}/qr`, { signal })
    if (!answer.ok) throw await failureOf(answer)
    return `data:image/svg+xml,${encodeURIComponent(await answer.text())}`
  },
  gcTime: 0,
  staleTime: Number.POSITIVE_INFINITY,
})

export function EsimCard({ order }: { order: EsimOrder }) {
  const { t } = useLingui()
  const { data: picture, error } = useQuery(qrQuery(order.id))
  const { esim } = order
  return (
    <div className={css.esim}>
      <figure className={css.qr}>
        {picture ? (
          <img src={picture} alt={t`QR code of the eSIM`} width={220} height={220} />
        ) : error ? (
          <FailureNote error={error} />
        ) : (
          <Bone width={220} height={220} />
        )}
        <figcaption className="mute small">
          <Trans>Keep it to yourself: whoever scans it first has the eSIM.</Trans>
        </figcaption>
      </figure>
      <div className="stack">
        <ol className={css.steps}>
          <li>
            <Trans>Open the phone’s settings for mobile data, and add an eSIM.</Trans>
          </li>
          <li>
            <Trans>Scan the code with that phone, while it has a connection.</Trans>
          </li>
          <li>
            <Trans>Switch on data roaming for the new line.</Trans>
          </li>
        </ol>
        <ByHand order={order} />
        <dl className="facts">
          <div>
            <dt>{t`Data`}</dt>
            <dd className="num">{t`${count(esim.data_gb)} GB`}</dd>
          </div>
          <div>
            <dt>{t`Valid for`}</dt>
            <dd className="num">{t`${esim.validity_days} days`}</dd>
          </div>
          <div>
            <dt>{t`Paid`}</dt>
            <dd className="num ltr">{money(order.price, order.currency)}</dd>
          </div>
          <div>
            <dt>{t`Bought`}</dt>
            <dd>{dateTime(order.created_at)}</dd>
          </div>
        </dl>
      </div>
    </div>
  )
}

/** For phones that show the code themselves and so cannot scan it. */
function ByHand({ order: { esim } }: { order: EsimOrder }) {
  const { t } = useLingui()
  const lines = [
    [t`SM-DP+ address`, esim.smdp_address],
    [t`Activation code`, esim.matching_id],
    [t`The whole code`, esim.activation_code],
  ] as const
  return (
    <details className={css.byHand}>
      <summary>{t`Enter it by hand`}</summary>
      <dl className={css.lines}>
        {lines.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt className="mute small">{name}</dt>
                <dd className="row tight">
                  <span className="mono small ltr">{value}</span>
                  <CopyIcon text={value} label={t`Copy: ${name}`} />
                </dd>
              </div>
            ),
        )}
      </dl>
      {esim.asks_confirmation && (
        <p className="mute small">
          <Trans>
            The phone asks for a confirmation code: you get it from the seller of the plan.
          </Trans>
        </p>
      )}
    </details>
  )
}

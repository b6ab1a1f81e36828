// The head of an order: for what it is, and the number or address to copy.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { countriesQuery, type Order } from '../../api/queries.ts'
import { useCopy } from '../../parts/copy-button.tsx'
import { Flag } from '../../parts/flag.tsx'
import { Icon } from '../../parts/icon.tsx'
import { markOf, useNames } from '../../parts/names.ts'
import { StateTag } from '../../parts/order-parts.tsx'
import { groupedDigits, splitPhone } from '../../parts/order-words.ts'
import { Bone } from '../../parts/page.tsx'
import css from './order.module.css'

export function Hero({ order, service }: { order: Order; service: string }) {
  const { t } = useLingui()
  const names = useNames()
  const place = [names.country(order.country), order.operator && names.operator(order.operator)]
  return (
    <div className={css.head}>
      <div className="row tight wrap">
        <span className="mark">{markOf(service)}</span>
        <h1 className={css.service}>{service}</h1>
        <Flag code={order.country} />
        <span className="mute">{place.filter(Boolean).join(' · ')}</span>
        <StateTag order={order} />
      </div>
      {order.phone !== null ? (
        <Phone phone={order.phone} country={order.country} />
      ) : order.state === 'allocating' ? (
        <div className={css.looking} role="status">
          <Bone width={260} height={30} />
          <span className="mute">
            <Trans>A number is being found. This takes up to a minute.</Trans>
          </span>
        </div>
      ) : (
        <Copyable
          text={order.email ?? order.esim?.activation_code ?? ''}
          label={order.email ? t`Copy address` : t`Copy activation code`}
        />
      )}
    </div>
  )
}

function Phone({ phone, country }: { phone: string; country: string | null }) {
  const { t } = useLingui()
  const { data: countries } = useQuery(countriesQuery)
  const callingCode = countries?.find((one) => one.code === country)?.calling_code
  const [prefix, rest] = splitPhone(phone, callingCode)
  const [isWhole, copyWhole] = useCopy(phone)
  const [isRest, copyRest] = useCopy(rest)
  return (
    <div className="row tight wrap">
      <span className={`${css.phone} ltr`} data-testid="phone">
        {prefix} {groupedDigits(rest)}
      </span>
      <Button
        variant="default"
        onClick={() => void copyWhole()}
        leftSection={<Icon name={isWhole ? 'check' : 'copy'} size={15} />}
        aria-label={isWhole ? t`Copied` : t`Copy the number`}
      >
        {isWhole ? t`Copied` : t`Copy`}
      </Button>
      {prefix !== '' && (
        <Button variant="subtle" onClick={() => void copyRest()}>
          {isRest ? t`Copied` : t`without ${prefix}`}
        </Button>
      )}
    </div>
  )
}

function Copyable({ text, label }: { text: string; label: string }) {
  const { t } = useLingui()
  const [isCopied, copy] = useCopy(text)
  return (
    <div className="row tight wrap">
      <span className={`${css.address} ltr`}>{text}</span>
      <Button
        variant="default"
        onClick={() => void copy()}
        leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={15} />}
      >
        {isCopied ? t`Copied` : label}
      </Button>
    </div>
  )
}

// Topping up: an amount and a way to pay. Paying itself is on the page of the deposit.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useCallback, useMemo, useRef, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { asOneIntent } from '../../api/intent.ts'
import { depositQuery, type Gateway, gatewaysQuery, queryClient } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Bone, Empty, Panel } from '../../parts/page.tsx'
import { useCommands } from '../../shell/commands.ts'
import { useShortcut } from '../../shell/keys.ts'
import { money } from '../../texts.ts'
import css from './wallet.module.css'
import { useGatewayTerms, useGatewayWords } from './words.ts'

export function TopUp() {
  const { t } = useLingui()
  const { data: gateways, error } = useQuery(gatewaysQuery)
  return (
    <Panel title={t`Top up`} id="top-up">
      {gateways?.length === 0 ? (
        <Empty title={t`There is no way to pay in yet`}>
          <Trans>The operator has set up none for the currency of this account. Ask them.</Trans>
        </Empty>
      ) : (
        <div className="pad">
          {gateways ? (
            <TopUpForm gateways={gateways} />
          ) : error ? (
            <FailureNote error={error} />
          ) : (
            <div className="stack">
              <Bone height={36} />
              <Bone height={64} />
              <Bone height={64} />
              <Bone height={42} />
            </div>
          )}
        </div>
      )}
    </Panel>
  )
}

const fields = ['amount', 'gateway']

function TopUpForm({ gateways }: { gateways: readonly Gateway[] }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [name, setName] = useState<string | null>(null)
  const gateway = gateways.find((one) => one.name === name) ?? (gateways[0] as Gateway)
  const { currency } = gateway
  const sums = sumsFor(gateway)
  const [text, setText] = useState(sums[1] ?? sums[0] ?? gateway.minimum)
  const amount = text.trim().replace(',', '.')
  const isAmount = /^\d+(\.\d+)?$/.test(amount) && Number(amount) > 0
  const field = useRef<HTMLInputElement>(null)
  const toField = useCallback(() => field.current?.select(), [])
  useShortcut('t', t`Top up`, toField)
  useCommands(
    useMemo(
      () => [{ id: 'top-up', label: t`Top up`, icon: 'wallet', hint: 't', run: toField }],
      [t, toField],
    ),
  )
  const pay = useMutation({
    mutationFn: (wanted: { amount: string; gateway: string }) =>
      asOneIntent(`top up ${wanted.amount} ${wanted.gateway}`, (header) =>
        take(api.POST('/v1/deposits', { params: { header }, body: wanted })),
      ),
    onSuccess: (deposit) => {
      queryClient.setQueryData(depositQuery(deposit.id).queryKey, deposit)
      void queryClient.invalidateQueries({ queryKey: ['deposits', 'list'] })
      void navigate({ to: '/wallet/deposits/$id', params: { id: deposit.id } })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isAmount && !pay.isPending) pay.mutate({ amount, gateway: gateway.name })
  }
  const least = money(gateway.minimum, currency)
  const most = money(gateway.maximum, currency)
  const sum = isAmount ? money(amount, currency) : ''
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <div>
        <TextInput
          ref={field}
          label={t`Amount (${currency})`}
          description={t`${least} to ${most}`}
          name="amount"
          inputMode="decimal"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={faultOf(pay.error, 'amount')}
          dir="ltr"
        />
        <Sums sums={sums} amount={amount} currency={currency} onChoose={setText} />
      </div>
      <Ways gateways={gateways} chosen={gateway.name} onChoose={setName} />
      {isAmount && Number(gateway.fee_percent) > 0 && (
        <p className="mute small">
          <Trans>The fee comes on top. You see what is to be paid before you pay.</Trans>
        </p>
      )}
      {!areShownBeside(pay.error, fields) && <FailureNote error={pay.error} />}
      <Button type="submit" size="md" fullWidth loading={pay.isPending} disabled={!isAmount}>
        {isAmount ? t`Top up ${sum}` : t`Type an amount`}
      </Button>
    </form>
  )
}

type SumsProps = {
  readonly sums: readonly string[]
  readonly amount: string
  readonly currency: string
  readonly onChoose: (sum: string) => void
}

function Sums({ sums, amount, currency, onChoose }: SumsProps) {
  const { t } = useLingui()
  return (
    <div className={css.sums} role="group" aria-label={t`Amounts`}>
      {sums.map((one) => (
        <button
          type="button"
          key={one}
          className="num"
          aria-pressed={Number(one) === Number(amount)}
          onClick={() => onChoose(one)}
        >
          {money(one, currency)}
        </button>
      ))}
    </div>
  )
}

type WaysProps = {
  readonly gateways: readonly Gateway[]
  readonly chosen: string
  readonly onChoose: (name: string) => void
}

function Ways({ gateways, chosen, onChoose }: WaysProps) {
  const { t } = useLingui()
  const words = useGatewayWords()
  const terms = useGatewayTerms()
  return (
    <fieldset className={css.ways}>
      <legend>{t`Pay by`}</legend>
      {gateways.map((gateway) => {
        const { name, about } = words(gateway)
        return (
          <label key={gateway.name}>
            <input
              type="radio"
              name="gateway"
              value={gateway.name}
              checked={gateway.name === chosen}
              onChange={() => onChoose(gateway.name)}
            />
            <span className="strong">{name}</span>
            <span className="mute small">{about}</span>
            <span className="mute small">{terms(gateway)}</span>
          </label>
        )
      })}
    </fieldset>
  )
}

/** Ten units of most currencies buy some codes; of these it takes more. */
const tens: Readonly<Record<string, number>> = {
  IDR: 100_000,
  VND: 200_000,
  JPY: 1_000,
  KRW: 10_000,
  INR: 500,
  RUB: 500,
  PHP: 500,
  THB: 200,
}

/** Round amounts to choose from, within what the gateway takes. */
function sumsFor({ currency, minimum, maximum }: Gateway): string[] {
  const ten = tens[currency] ?? 10
  return [ten, ten * 2.5, ten * 5, ten * 10]
    .filter((sum) => sum >= Number(minimum) && sum <= Number(maximum))
    .map(String)
}

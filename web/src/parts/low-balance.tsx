// The mark below which the balance counts as low. Owners set it.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../api/client.ts'
import { areShownBeside, faultOf } from '../api/failure.ts'
import { accountQuery, queryClient } from '../api/queries.ts'
import { accountOf, sessionQuery } from '../session/session.ts'
import { money } from '../texts.ts'
import { announce } from './announcer.tsx'
import { FailureNote } from './failure-note.tsx'
import { Bone, Panel } from './page.tsx'

export function LowBalance() {
  const { t } = useLingui()
  const { data: account, error } = useQuery(accountQuery)
  const { data: session } = useQuery(sessionQuery)
  const mayChange = accountOf(session).role === 'owner'
  const low = account?.low_balance ?? null
  const mark = account && low !== null ? money(low, account.currency) : ''
  return (
    <Panel title={t`When it runs low`}>
      <div className="pad stack">
        <FailureNote error={account ? null : error} />
        <p className="mute">
          {account === undefined ? (
            !error && <Bone width="80%" />
          ) : low === null ? (
            <Trans>No warning is set.</Trans>
          ) : (
            <Trans>
              Below {mark} the wallet warns, and webhooks get <code>balance.low</code>.
            </Trans>
          )}
        </p>
        {mayChange ? (
          account && <MarkForm key={low} low={low} currency={account.currency} />
        ) : (
          <p className="faint small">
            <Trans>Only owners of the account change this.</Trans>
          </p>
        )}
      </div>
    </Panel>
  )
}

function MarkForm({ low, currency }: { low: string | null; currency: string }) {
  const { t } = useLingui()
  const [text, setText] = useState(low ?? '')
  const save = useMutation({
    mutationFn: (mark: string | null) =>
      take(api.PATCH('/v1/account', { body: { low_balance: mark } })),
    onSuccess: (account) => {
      queryClient.setQueryData(accountQuery.queryKey, account)
      setText(account.low_balance ?? '')
      announce(t`Saved`)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const mark = text.trim().replace(',', '.')
    if (!save.isPending) save.mutate(mark === '' ? null : mark)
  }
  return (
    <form className="stack" style={{ maxWidth: 420 }} onSubmit={submit} noValidate>
      <TextInput
        label={t`Warn below (${currency})`}
        description={t`Empty: never.`}
        name="low_balance"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={faultOf(save.error, 'low_balance')}
        dir="ltr"
      />
      {!areShownBeside(save.error, ['low_balance']) && <FailureNote error={save.error} />}
      <div className="row tight">
        <Button
          type="submit"
          variant="default"
          loading={save.isPending}
          disabled={text.trim() === (low ?? '')}
        >
          <Trans>Save</Trans>
        </Button>
      </div>
    </form>
  )
}

// Changing a key: its name, and what may be spent with it on a day.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { balanceQuery, queryClient } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { areAllBeside, faultIn } from './fields.tsx'
import { type ApiKey, keysQuery } from './queries.ts'

type Props = { readonly apiKey: ApiKey; readonly onClose: () => void }

function useSave(apiKey: ApiKey, form: { name: string; cap: string }, onSaved: () => void) {
  const { name, cap } = form
  return useMutation({
    mutationFn: () =>
      take(
        api.PATCH('/v1/keys/{id}', {
          params: { path: { id: apiKey.id } },
          body: {
            name: name.trim(),
            max_spend_a_day: cap.trim() === '' ? null : cap.trim().replace(',', '.'),
          },
        }),
      ),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
      onSaved()
    },
  })
}

export function KeyEdit({ apiKey, onClose }: Props) {
  const { t } = useLingui()
  const [name, setName] = useState(apiKey.name)
  const [cap, setCap] = useState(apiKey.max_spend_a_day ?? '')
  const { data: balance } = useQuery(balanceQuery)
  const currency = balance?.currency ?? ''
  const save = useSave(apiKey, { name, cap }, onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  const isElsewhere = !areAllBeside(save.error, ['name', 'max_spend_a_day'])
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Change the key ${apiKey.hint}…`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <TextInput
          label={t`Name`}
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={faultIn(save.error, 'name')}
        />
        <TextInput
          label={t`At most a day, in ${currency}`}
          description={t`Empty: no limit. What it spent today counts.`}
          inputMode="decimal"
          value={cap}
          onChange={(event) => setCap(event.target.value)}
          error={faultIn(save.error, 'max_spend_a_day')}
          dir="ltr"
        />
        <p className="mute small">
          <Trans>
            What it may do, its networks and its end stay as they are. For others, create a new key
            and revoke this one.
          </Trans>
        </p>
        {isElsewhere && <FailureNote error={save.error} />}
        <div className="row tight">
          <Button type="submit" loading={save.isPending}>
            <Trans>Save</Trans>
          </Button>
          <Button variant="subtle" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
        </div>
      </form>
    </Modal>
  )
}

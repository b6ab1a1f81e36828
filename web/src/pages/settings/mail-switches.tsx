// Mails about one's accounts: each with its switch.
import { useLingui } from '@lingui/react/macro'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '../../api/client.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Bone, Panel } from '../../parts/page.tsx'
import css from './settings.module.css'

type Choice = Schemas['Notifications']

const choiceQuery = queryOptions({
  queryKey: ['user', 'notifications'],
  queryFn: ({ signal }) => take(api.GET('/v1/user/notifications', { signal })),
})

export function MailSwitches() {
  const { t } = useLingui()
  const { data: choice, error } = useQuery(choiceQuery)
  const change = useMutation({
    mutationFn: (body: Partial<Choice>) => take(api.PATCH('/v1/user/notifications', { body })),
    onSuccess: (saved) => {
      queryClient.setQueryData(choiceQuery.queryKey, saved)
      announce(t`Saved`)
    },
  })
  const rows = [
    {
      kind: 'low_balance',
      what: t`The balance runs low`,
      when: t`Owners, when it falls below the mark on this page. Once an hour at most.`,
    },
    {
      kind: 'deposit_credited',
      what: t`A deposit was added`,
      when: t`Owners, when a deposit is paid.`,
    },
    {
      kind: 'rental_ending',
      what: t`A rental ends soon`,
      when: t`In time to renew it.`,
    },
  ] as const
  const isOn = (kind: (typeof rows)[number]['kind']) =>
    change.isPending ? (change.variables[kind] ?? choice?.[kind]) : choice?.[kind]
  return (
    <Panel title={t`By mail`}>
      {(change.error ?? (choice ? null : error)) && (
        <div className="pad">
          <FailureNote error={change.error ?? error} />
        </div>
      )}
      {rows.map(({ kind, what, when }) => (
        <label className={css.setting} key={kind} htmlFor={`mail-${kind}`}>
          <span>
            <span className="strong">{what}</span>
            <span className="mute small">{when}</span>
          </span>
          {choice ? (
            <input
              id={`mail-${kind}`}
              type="checkbox"
              role="switch"
              className={css.switch}
              aria-label={what}
              aria-checked={isOn(kind)}
              checked={isOn(kind)}
              onChange={(event) => {
                if (!change.isPending) change.mutate({ [kind]: event.target.checked })
              }}
            />
          ) : (
            !error && <Bone width={20} />
          )}
        </label>
      ))}
    </Panel>
  )
}

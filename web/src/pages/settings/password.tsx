// Changing the password, or choosing the first one.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { areShownBeside, faultOf, isFailure } from '../../api/failure.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/page.tsx'
import type { Session } from '../../session/session.ts'
import { readSession } from './fresh.ts'
import css from './settings.module.css'

const fields = ['current', 'new']

export function Password({ user }: { user: Session['user'] }) {
  const { t } = useLingui()
  const [isOpen, setOpen] = useState(false)
  const [isChanged, setChanged] = useState(false)
  return (
    <Panel
      title={t`Password`}
      aside={
        !isOpen && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => setOpen(true)}
            aria-label={user.has_password ? t`Change the password` : t`Choose a password`}
          >
            {user.has_password ? <Trans>Change</Trans> : <Trans>Choose</Trans>}
          </Button>
        )
      }
    >
      {isOpen ? (
        <PasswordForm
          user={user}
          onDone={(hasChanged) => {
            setOpen(false)
            setChanged(hasChanged)
          }}
        />
      ) : (
        <div className="pad row tight" role="status">
          {isChanged && <Icon name="check" />}
          <span className="mute">
            {isChanged
              ? t`It is changed. You were signed out everywhere else.`
              : user.has_password
                ? t`You sign in with it. Changing it signs you out everywhere else.`
                : t`You have none yet: you sign in by links.`}
          </span>
        </div>
      )}
    </Panel>
  )
}

type FormProps = {
  readonly user: Session['user']
  readonly onDone: (hasChanged: boolean) => void
}

function PasswordForm({ user, onDone }: FormProps) {
  const { t } = useLingui()
  const [current, setCurrent] = useState('')
  const [wanted, setWanted] = useState('')
  const save = useMutation({
    mutationFn: () =>
      take(
        api.POST('/v1/user/password', {
          body: { new: wanted, ...(user.has_password ? { current } : {}) },
        }),
      ),
    onSuccess: async () => {
      void queryClient.invalidateQueries({ queryKey: ['user', 'sessions'] })
      await readSession()
      announce(t`The password is changed.`)
      onDone(true)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  const isWrong = isFailure(save.error) && save.error.code === 'wrong_credentials'
  const shows = { 'aria-label': t`Show the password` }
  return (
    <form className={`pad ${css.form}`} onSubmit={submit} noValidate>
      <input
        type="email"
        name="username"
        autoComplete="username"
        value={user.email}
        readOnly
        hidden
      />
      {user.has_password && (
        <PasswordInput
          label={t`Password until now`}
          name="current"
          autoComplete="current-password"
          autoFocus
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          error={isWrong ? t`This is not your password.` : faultOf(save.error, 'current')}
          visibilityToggleButtonProps={shows}
        />
      )}
      <PasswordInput
        label={t`New password`}
        description={t`10 characters or more. A few random words are easy to keep in mind.`}
        name="new"
        autoComplete="new-password"
        autoFocus={!user.has_password}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        error={faultOf(save.error, 'new')}
        visibilityToggleButtonProps={shows}
      />
      {!isWrong && !areShownBeside(save.error, fields) && <FailureNote error={save.error} />}
      <div className="row tight">
        <Button type="submit" loading={save.isPending} disabled={wanted === ''}>
          <Trans>Set the password</Trans>
        </Button>
        <Button variant="subtle" onClick={() => onDone(false)}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </form>
  )
}

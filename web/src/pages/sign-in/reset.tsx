// The link in the mail for a forgotten password: a new one is set, and the person is signed in.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useLanding, useLinkToken } from '../../session/landing.ts'
import type { Session } from '../../session/session.ts'
import { Outside } from './outside.tsx'

export function Reset() {
  const { t } = useLingui()
  const token = useLinkToken()
  const land = useLanding()
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () => call<Session>('POST', '/v1/user/reset', { token, password }),
    onSuccess: land,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!attempt.isPending) attempt.mutate()
  }
  const again = (
    <Link to="/forgot" className="link">
      <Trans>Send a new link</Trans>
    </Link>
  )
  if (token === null)
    return (
      <Outside
        title={t`This link does not work`}
        lead={t`It is not whole. Open it from the mail again, or have a new one sent.`}
        foot={again}
      />
    )
  return (
    <Outside title={t`Choose a new password`} foot={attempt.isError ? again : undefined}>
      <form onSubmit={submit} noValidate>
        <PasswordInput
          label={t`New password`}
          description={t`10 characters or more. All other sessions end.`}
          name="password"
          autoComplete="new-password"
          autoFocus
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={faultOf(attempt.error, 'password')}
          visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
        />
        {!areShownBeside(attempt.error, ['password']) && <FailureNote error={attempt.error} />}
        <Button type="submit" size="md" fullWidth loading={attempt.isPending}>
          <Trans>Set the password and sign in</Trans>
        </Button>
      </form>
    </Outside>
  )
}

// A forgotten password: the answer is the same whether the address is known or not.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Outside } from './outside.tsx'

export function Forgot() {
  const { t } = useLingui()
  const [email, setEmail] = useState('')
  const attempt = useMutation({
    mutationFn: () => call('POST', '/v1/user/reset-requests', { email: email.trim() }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!attempt.isPending) attempt.mutate()
  }
  const back = (
    <Link to="/sign-in" className="link">
      <Trans>Back to signing in</Trans>
    </Link>
  )
  if (attempt.isSuccess)
    return (
      <Outside
        title={t`Look in your mail`}
        lead={
          <Trans>
            If {email} has an account, a link to set a new password is on its way. It works for a
            short time.
          </Trans>
        }
        foot={back}
      />
    )
  return (
    <Outside title={t`Set a new password`} lead={t`We send a link to your address.`} foot={back}>
      <form onSubmit={submit} noValidate>
        <TextInput
          label={t`Email`}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={faultOf(attempt.error, 'email')}
          dir="ltr"
        />
        {!areShownBeside(attempt.error, ['email']) && <FailureNote error={attempt.error} />}
        <Button type="submit" size="md" fullWidth loading={attempt.isPending}>
          <Trans>Send the link</Trans>
        </Button>
      </form>
    </Outside>
  )
}

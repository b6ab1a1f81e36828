// Signing up: three fields, then a mail to look for.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { call } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { signUpQuery } from '../../session/session.ts'
import { Outside } from './outside.tsx'

export function SignUp() {
  const { t } = useLingui()
  const { data: signUp } = useQuery(signUpQuery)
  const [sentTo, setSentTo] = useState<string | null>(null)
  const back = (
    <span>
      <Trans>
        Have an account?{' '}
        <Link to="/sign-in" className="link">
          Sign in
        </Link>
      </Trans>
    </span>
  )
  if (sentTo !== null)
    return (
      <Outside
        title={t`Look in your mail`}
        lead={
          <Trans>
            We have sent a link to {sentTo}. Open it to go on. It may take a minute, and it may be
            in the spam folder.
          </Trans>
        }
        foot={
          <Button variant="subtle" onClick={() => setSentTo(null)}>
            <Trans>The address was wrong</Trans>
          </Button>
        }
      />
    )
  if (signUp && signUp.sign_up !== 'open')
    return (
      <Outside
        title={t`Sign-up is closed`}
        lead={
          signUp.sign_up === 'invitation' ? (
            <Trans>
              New accounts are by invitation. Ask the operator of this platform, or somebody who has
              an account.
            </Trans>
          ) : (
            t`This platform takes no new accounts at the moment.`
          )
        }
        foot={back}
      />
    )
  return (
    <Outside title={t`Create an account`} foot={back}>
      <SignUpForm onSent={setSentTo} />
    </Outside>
  )
}

const fields = ['email', 'name', 'password']

function SignUpForm({ onSent }: { onSent: (email: string) => void }) {
  const { t } = useLingui()
  const [values, setValues] = useState({ email: '', name: '', password: '' })
  const attempt = useMutation({
    mutationFn: () => {
      const { email, name, password } = values
      const named = name.trim() === '' ? {} : { name: name.trim() }
      return call('POST', '/v1/user', { email: email.trim(), password, ...named })
    },
    onSuccess: () => onSent(values.email.trim()),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!attempt.isPending) attempt.mutate()
  }
  const bind = (field: keyof typeof values) => ({
    name: field,
    value: values[field],
    onChange: (event: { target: { value: string } }) =>
      setValues((before) => ({ ...before, [field]: event.target.value })),
    error: faultOf(attempt.error, field),
  })
  return (
    <form onSubmit={submit} noValidate>
      <TextInput
        {...bind('email')}
        label={t`Email`}
        type="email"
        autoComplete="email"
        autoFocus
        dir="ltr"
      />
      <TextInput {...bind('name')} label={t`Name (optional)`} autoComplete="name" />
      <PasswordInput
        {...bind('password')}
        label={t`Password`}
        description={t`10 characters or more. A few random words are easy to keep in mind.`}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
      />
      {!areShownBeside(attempt.error, fields) && <FailureNote error={attempt.error} />}
      <Button type="submit" size="md" fullWidth loading={attempt.isPending}>
        <Trans>Create the account</Trans>
      </Button>
    </form>
  )
}

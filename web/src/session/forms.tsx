// The forms of signing in: on their own page, and over a page whose session has ended.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { areShownBeside, faultOf } from '../api/failure.ts'
import { FailureNote } from '../parts/failure-note.tsx'
import { PasskeyButton } from './passkey-button.tsx'
import { canUsePasskeys, givePasskey } from './passkeys.ts'
import { giveSecondFactor, type Session, sessionQuery, signIn } from './session.ts'

const passwordFields = ['email', 'password']

type Props = {
  /** Given where the person is known: only the password is asked for. */
  readonly email?: string
  readonly onSession: (session: Session) => void
  readonly label: string
}

/** Address and password, then the second factor where there is one. */
export function SignInForm({ email: known, onSession, label }: Props) {
  const { t } = useLingui()
  const [email, setEmail] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: onSession,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!attempt.isPending) attempt.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <TextInput
        label={t`Email`}
        type="email"
        name="email"
        autoComplete="username"
        inputMode="email"
        autoFocus={known === undefined}
        readOnly={known !== undefined}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={faultOf(attempt.error, 'email')}
        dir="ltr"
      />
      <PasswordInput
        label={t`Password`}
        name="password"
        autoComplete="current-password"
        autoFocus={known !== undefined}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={faultOf(attempt.error, 'password')}
        visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
      />
      {!areShownBeside(attempt.error, passwordFields) && <FailureNote error={attempt.error} />}
      <Button type="submit" size="md" fullWidth loading={attempt.isPending}>
        {label}
      </Button>
    </form>
  )
}

/** A passkey, the code of an authenticator, or one of the recovery codes. */
export function SecondFactorForm({ onSession }: { onSession: (session: Session) => void }) {
  const { t } = useLingui()
  const [code, setCode] = useState('')
  const { hasApp, hasPasskey } = useFactors()
  const [isRecovery, setRecovery] = useState(!hasApp)
  const attempt = useMutation({
    mutationFn: (given: string) => giveSecondFactor(given),
    onSuccess: onSession,
  })
  const send = (given: string) => {
    if (!attempt.isPending && given !== '') attempt.mutate(given)
  }
  const type = (text: string) => {
    setCode(text)
    const digits = text.replace(/\s/g, '')
    if (!isRecovery && /^\d{6}$/.test(digits)) send(digits)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(code.replace(/\s/g, ''))
  }
  return (
    <form onSubmit={submit} noValidate>
      {hasPasskey && (
        <PasskeyButton
          use={givePasskey}
          onSession={onSession}
          label={t`Use a passkey`}
          isMain={!hasApp}
        />
      )}
      <TextInput
        label={isRecovery ? t`Recovery code` : t`Code of your authenticator`}
        description={
          isRecovery ? t`Each of them works once.` : t`Six digits, new every 30 seconds.`
        }
        name="code"
        autoComplete="one-time-code"
        inputMode={isRecovery ? 'text' : 'numeric'}
        autoFocus={!hasPasskey}
        value={code}
        onChange={(event) => type(event.target.value)}
        error={faultOf(attempt.error, 'code')}
        dir="ltr"
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 18, letterSpacing: '0.08em' } }}
      />
      {!areShownBeside(attempt.error, ['code']) && <FailureNote error={attempt.error} />}
      <Button
        type="submit"
        size="md"
        fullWidth
        variant={hasPasskey && isRecovery ? 'default' : 'filled'}
        loading={attempt.isPending}
      >
        <Trans>Go on</Trans>
      </Button>
      {hasApp && (
        <Button
          variant="subtle"
          onClick={() => {
            setRecovery(!isRecovery)
            setCode('')
          }}
        >
          {isRecovery ? t`Use the authenticator` : t`Use a recovery code`}
        </Button>
      )}
    </form>
  )
}

/** What the person can give here. */
function useFactors() {
  const { data: session } = useQuery(sessionQuery)
  const factors = session?.second_factor.ways ?? []
  return {
    hasApp: factors.includes('totp'),
    hasPasskey: canUsePasskeys && factors.includes('passkey'),
  }
}

// Setting up an authenticator: scan or type the secret, then prove it by a first code.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { areShownBeside, faultOf, isFailure } from '../../api/failure.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Qr } from '../../parts/qr.tsx'
import css from './settings.module.css'

export type Pending = Schemas['PendingTotp']

type Props = {
  readonly pending: Pending
  readonly onConfirmed: (codes: readonly string[]) => void
  readonly onLeave: () => void
}

export function AuthenticatorSetup({ pending, onConfirmed, onLeave }: Props) {
  const { t } = useLingui()
  const [code, setCode] = useState('')
  const confirm = useMutation({
    mutationFn: (given: string) =>
      take(api.POST('/v1/user/totp/confirm', { body: { code: given } })),
    onSuccess: ({ recovery_codes: codes }) => onConfirmed(codes),
  })
  const send = (given: string) => {
    if (!confirm.isPending && given !== '') confirm.mutate(given)
  }
  const type = (text: string) => {
    setCode(text)
    const digits = text.replace(/\s/g, '')
    if (/^\d{6}$/.test(digits)) send(digits)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(code.replace(/\s/g, ''))
  }
  const isWrong = isFailure(confirm.error) && confirm.error.code === 'wrong_credentials'
  return (
    <div className={`pad ${css.setup}`}>
      <Qr text={pending.uri} label={t`QR code for the authenticator`} size={200} />
      <div className="stack">
        <Secret secret={pending.secret} />
        <form className={css.form} onSubmit={submit} noValidate>
          <TextInput
            label={t`Code that it shows`}
            name="code"
            autoComplete="one-time-code"
            inputMode="numeric"
            autoFocus
            value={code}
            onChange={(event) => type(event.target.value)}
            error={
              isWrong
                ? t`This code is not right. Type the newest one; the phone’s clock must be right.`
                : faultOf(confirm.error, 'code')
            }
            dir="ltr"
            styles={{
              input: { fontFamily: 'var(--mono)', fontSize: 18, letterSpacing: '0.08em' },
            }}
          />
          {!isWrong && !areShownBeside(confirm.error, ['code']) && (
            <FailureNote error={confirm.error} />
          )}
          <div className="row tight">
            <Button type="submit" loading={confirm.isPending} disabled={code.trim() === ''}>
              <Trans>Turn it on</Trans>
            </Button>
            <Button variant="subtle" onClick={onLeave}>
              <Trans>Leave it</Trans>
            </Button>
          </div>
        </form>
      </div>
    </div>
  )
}

/** What to do with the code, and the same to type. */
function Secret({ secret }: { secret: string }) {
  const { t } = useLingui()
  return (
    <>
      <p>
        <Trans>
          Scan the code with an authenticator, such as Aegis, Google Authenticator, or a password
          manager.
        </Trans>
      </p>
      <div>
        <div className="mute small">{t`Or type this secret:`}</div>
        <span className={`${css.secret} ltr`}>{inFours(secret)}</span>{' '}
        <CopyIcon text={secret} label={t`Copy the secret`} />
      </div>
    </>
  )
}

/** In groups that are easy to type. */
const inFours = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ')

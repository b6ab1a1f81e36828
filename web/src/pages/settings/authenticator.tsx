// The second factor: an authenticator, set up by a QR code, and recovery codes.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take } from '../../api/client.ts'
import { announce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Panel } from '../../parts/page.tsx'
import type { Session } from '../../session/session.ts'
import { AuthenticatorSetup, type Pending } from './authenticator-setup.tsx'
import { readSession } from './fresh.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import { RecoveryRow } from './recovery-row.tsx'
import css from './settings.module.css'

/** @returns what asks for new recovery codes, and those that are to be kept now */
export function Authenticator({ user }: { user: Session['user'] }) {
  const { t } = useLingui()
  const isOn = user.second_factors.includes('totp')
  const [pending, setPending] = useState<Pending | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = useMutation({
    mutationFn: () => take(api.POST('/v1/user/totp')),
    onSuccess: setPending,
  })
  const confirmed = async (fresh: readonly string[]) => {
    // The codes are shown whatever happens next: they are said only once.
    setCodes(fresh)
    setPending(null)
    await readSession()
  }
  return (
    <Panel
      title={t`Authenticator app`}
      aside={<span className={`tag ${isOn ? 'ok' : ''}`}>{isOn ? t`On` : t`Off`}</span>}
    >
      {codes !== null ? (
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      ) : pending !== null ? (
        <AuthenticatorSetup
          pending={pending}
          onConfirmed={confirmed}
          onLeave={() => setPending(null)}
        />
      ) : isOn ? (
        <Kept hasPasskey={user.second_factors.includes('passkey')} onCodes={setCodes} />
      ) : (
        <div className="pad stack">
          <p className="mute">
            <Trans>
              A code of an app on your phone, asked for after the password. Whoever has only your
              password stays out.
            </Trans>
          </p>
          <FailureNote error={begin.error} />
          <div>
            <Button loading={begin.isPending} onClick={() => begin.mutate()}>
              <Trans>Set up an authenticator</Trans>
            </Button>
          </div>
        </div>
      )}
    </Panel>
  )
}

type KeptProps = {
  readonly hasPasskey: boolean
  readonly onCodes: (codes: readonly string[]) => void
}

/** What can be done with an authenticator that is set up. */
function Kept({ hasPasskey, onCodes }: KeptProps) {
  const { t } = useLingui()
  const [isAsked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: () => take(api.DELETE('/v1/user/totp')),
    onSuccess: async () => {
      setAsked(false)
      announce(t`The authenticator is removed.`)
      await readSession()
    },
  })
  return (
    <>
      <RecoveryRow onCodes={onCodes} />
      <div className={css.setting}>
        <div>
          <div className="strong">{t`Authenticator`}</div>
          <div className="mute small">{t`For another phone: remove it, then set up the new one.`}</div>
        </div>
        <Button variant="default" onClick={() => setAsked(true)}>
          <Trans>Remove</Trans>
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title={t`Remove the authenticator?`}
          action={t`Remove it`}
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        >
          {hasPasskey ? (
            <Trans>Your passkeys then are your only second factor.</Trans>
          ) : (
            <Trans>Your password alone will then sign you in. The recovery codes go with it.</Trans>
          )}
        </Confirm>
      )}
    </>
  )
}

// Signing in: by password, by a passkey, by a link that was asked for, and with a second factor.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { call } from '../../api/client.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { SecondFactorForm, SignInForm } from '../../session/forms.tsx'
import { useLanding, useLinkToken } from '../../session/landing.ts'
import { PasskeyButton } from '../../session/passkey-button.tsx'
import { canUsePasskeys, signInByPasskey } from '../../session/passkeys.ts'
import { type Session, sessionQuery, signOut, signUpQuery } from '../../session/session.ts'
import { Outside } from './outside.tsx'

export function SignIn() {
  const token = useLinkToken()
  const { data: session } = useQuery(sessionQuery)
  if (token !== null) return <ByLink token={token} />
  if (session?.second_factor.needed) return <Second />
  if (session && !session.account) return <NoAccount email={session.user.email} />
  return <ByPassword />
}

function ByPassword() {
  const { t } = useLingui()
  const land = useLanding()
  const { data: signUp } = useQuery(signUpQuery)
  const isOpen = signUp?.sign_up === 'open'
  return (
    <Outside
      title={t`Sign in`}
      foot={
        <>
          {signUp && (
            <Link to="/forgot" className="link">
              <Trans>Forgot the password?</Trans>
            </Link>
          )}
          {isOpen && (
            <span>
              <Trans>
                New here?{' '}
                <Link to="/sign-up" className="link">
                  Create an account
                </Link>
              </Trans>
            </span>
          )}
          {signUp?.sign_up === 'invitation' && (
            <span>
              <Trans>New accounts are by invitation.</Trans>
            </span>
          )}
        </>
      }
    >
      <SignInForm onSession={land} label={t`Sign in`} />
      {canUsePasskeys && (
        <PasskeyButton use={signInByPasskey} onSession={land} label={t`Sign in with a passkey`} />
      )}
    </Outside>
  )
}

function Second() {
  const { t } = useLingui()
  const land = useLanding()
  return (
    <Outside title={t`One more step`} foot={<Leave />}>
      <SecondFactorForm onSession={land} />
    </Outside>
  )
}

function NoAccount({ email }: { email: string }) {
  const { t } = useLingui()
  return (
    <Outside
      title={t`No account yet`}
      lead={
        <Trans>
          You are signed in as {email}, and no account has you as a member. Ask its owner for an
          invitation.
        </Trans>
      }
      foot={<Leave />}
    />
  )
}

function Leave() {
  const navigate = useNavigate()
  const leave = async () => {
    await signOut()
    await navigate({ to: '/sign-in', search: {} })
  }
  return (
    <Button variant="subtle" onClick={() => void leave()}>
      <Trans>Sign in as somebody else</Trans>
    </Button>
  )
}

/** A link that signs in works once: it is sent as soon as the page is shown. */
function ByLink({ token }: { token: string }) {
  const { t } = useLingui()
  const land = useLanding()
  const attempt = useMutation({
    mutationFn: () => call<Session>('POST', '/v1/session/link', { token }),
    onSuccess: land,
  })
  const isSent = useRef(false)
  useEffect(() => {
    if (isSent.current) return
    isSent.current = true
    attempt.mutate()
  })
  if (attempt.isError)
    return (
      <Outside
        title={t`This link does not work`}
        lead={
          <Trans>
            Each link signs in once and for a short time. Ask for a new one, or sign in with your
            password.
          </Trans>
        }
      >
        <FailureNote error={attempt.error} />
        <Button component="a" href="/app/sign-in" fullWidth size="md">
          <Trans>Sign in with a password</Trans>
        </Button>
      </Outside>
    )
  return <Outside title={t`Signing you in`} lead={t`A moment, please.`} />
}

// The link in the mail after signing up: opening it verifies the address and signs in.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { call } from '../../api/client.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useLanding, useLinkToken } from '../../session/landing.ts'
import type { Session } from '../../session/session.ts'
import { Outside } from './outside.tsx'

export function Verify() {
  const { t } = useLingui()
  const token = useLinkToken()
  const land = useLanding()
  const attempt = useMutation({
    mutationFn: () => call<Session>('POST', '/v1/user/verify', { token }),
    onSuccess: land,
  })
  const isSent = useRef(false)
  useEffect(() => {
    if (token === null || isSent.current) return
    isSent.current = true
    attempt.mutate()
  })
  if (token === null || attempt.isError)
    return (
      <Outside
        title={t`This link does not work`}
        lead={
          <Trans>
            It was used already, or it is too old. If your address is verified, sign in; otherwise
            sign up again to get a new link.
          </Trans>
        }
      >
        <FailureNote error={attempt.error} />
        <Button component="a" href="/app/sign-in" fullWidth size="md">
          <Trans>Sign in</Trans>
        </Button>
      </Outside>
    )
  return <Outside title={t`Verifying your address`} lead={t`A moment, please.`} />
}

// Where recovery codes are made anew.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take } from '../../api/client.ts'
import { Confirm } from '../../parts/confirm.tsx'
import css from './settings.module.css'

export function RecoveryRow({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useLingui()
  const [isAsked, setAsked] = useState(false)
  const renew = useMutation({
    mutationFn: () => take(api.POST('/v1/user/recovery-codes')),
    onSuccess: ({ recovery_codes: codes }) => {
      setAsked(false)
      onCodes(codes)
    },
  })
  return (
    <>
      <div className={css.setting}>
        <div>
          <div className="strong">{t`Recovery codes`}</div>
          <div className="mute small">{t`For when the phone is not at hand. Each works once.`}</div>
        </div>
        <Button variant="default" onClick={() => setAsked(true)}>
          <Trans>Make new ones</Trans>
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title={t`Make new recovery codes?`}
          action={t`Make new codes`}
          isPending={renew.isPending}
          error={renew.error}
          onConfirm={() => renew.mutate()}
          onClose={() => setAsked(false)}
        >
          <Trans>Those that you have kept until now will count no more.</Trans>
        </Confirm>
      )}
    </>
  )
}

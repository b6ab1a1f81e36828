// Leaving: everything of the account as a file, and closing the account.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, sendRequest, take } from '../../api/client.ts'
import { failureOf } from '../../api/failure.ts'
import { announce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { saveFile } from '../../parts/csv-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/page.tsx'
import type { ActingAccount } from '../../session/session.ts'
import css from './settings.module.css'

export function Leaving({ account }: { account: ActingAccount }) {
  const { t } = useLingui()
  const [isClosing, setClosing] = useState(false)
  return (
    <Panel title={t`Your data`}>
      <Export account={account} />
      <div className={css.setting}>
        <div>
          <div className="strong">{t`Close the account`}</div>
          <div className="mute small">
            {t`For good. There may be no open order, no open payment and no balance.`}
          </div>
        </div>
        <Button variant="default" onClick={() => setClosing(true)}>
          <Trans>Close the account</Trans>
        </Button>
      </div>
      {isClosing && <Close account={account} onClose={() => setClosing(false)} />}
    </Panel>
  )
}

function Export({ account }: { account: ActingAccount }) {
  const { t } = useLingui()
  const name = `${account.id}.ndjson`
  const save = useMutation({
    mutationFn: async () => {
      const answer = await sendRequest('/v1/export', {})
      if (!answer.ok) throw await failureOf(answer)
      return answer.blob()
    },
    onSuccess: (blob) => {
      saveFile(name, blob)
      announce(t`Saved as ${name}`)
    },
  })
  return (
    <>
      <div className={css.setting}>
        <div>
          <div className="strong">{t`Export everything`}</div>
          <div className="mute small">
            {t`People, orders with their messages, payments and requests, as JSON lines; no secrets.`}
          </div>
        </div>
        <Button
          variant="default"
          leftSection={<Icon name="download" size={15} />}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          <Trans>Export</Trans>
        </Button>
      </div>
      {save.error && (
        <div className="pad">
          <FailureNote error={save.error} />
        </div>
      )}
    </>
  )
}

type CloseProps = { readonly account: ActingAccount; readonly onClose: () => void }

/** The id is typed, so that nobody closes an account by two clicks. */
function Close({ account, onClose }: CloseProps) {
  const { t } = useLingui()
  const [typed, setTyped] = useState('')
  const close = useMutation({
    mutationFn: () =>
      take(api.DELETE('/v1/account', { params: { query: { confirm: typed.trim() } } })),
    // The session is over: whatever this browser remembers of it goes with it.
    onSuccess: () => location.assign('/app/sign-in'),
  })
  return (
    <Confirm
      title={t`Close ${account.name || account.id}?`}
      action={t`Close the account`}
      error={close.error}
      isPending={close.isPending}
      isReady={typed.trim() === account.id}
      onConfirm={() => close.mutate()}
      onClose={onClose}
    >
      <div className="stack">
        <p>
          <Trans>
            Its keys stop working at once, and its messages, notes and requests are deleted. Records
            of money stay, as the law wants them. This cannot be undone.
          </Trans>
        </p>
        <TextInput
          label={t`Type ${account.id} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          dir="ltr"
        />
      </div>
    </Confirm>
  )
}

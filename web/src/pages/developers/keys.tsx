// The keys of the account: what each may do, what it spent today, when it was last used, and how to end it.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { queryClient } from '../../api/queries.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Empty, Panel, useTitle } from '../../parts/page.tsx'
import { useCommands } from '../../shell/commands.ts'
import { useShortcut } from '../../shell/keys.ts'
import { useIsOwner } from './developers.tsx'
import { forgetKey } from './kept-keys.ts'
import { KeyTable } from './key-table.tsx'
import { endOf } from './key-words.ts'
import { OwnersOnly } from './owners-only.tsx'
import { type ApiKey, keysQuery } from './queries.ts'

const KeyForm = lazy(async () => ({ default: (await import('./key-form.tsx')).KeyForm }))
const KeyEdit = lazy(async () => ({ default: (await import('./key-edit.tsx')).KeyEdit }))

type Open = { readonly what: 'new' } | { readonly what: 'edit' | 'revoke'; readonly key: ApiKey }

export function Keys() {
  const { t } = useLingui()
  const isOwner = useIsOwner()
  useTitle(t`Keys`)
  return isOwner ? <OwnKeys /> : <OwnersOnly what={t`Keys`} />
}

function OwnKeys() {
  const { t } = useLingui()
  const [open, setOpen] = useState<Open | null>(null)
  const [hasEnded, setHasEnded] = useState(false)
  const { data: keys, error } = useQuery(keysQuery)
  const create = () => setOpen({ what: 'new' })
  useShortcut('n', t`Create a key`, create)
  useCommands(
    useMemo(
      () => [
        {
          id: 'new-key',
          label: t`Create a key`,
          icon: 'buy',
          hint: 'n',
          run: () => setOpen({ what: 'new' }),
        },
      ],
      [t],
    ),
  )
  const now = Date.now()
  const shown = keys?.filter((key) => hasEnded || endOf(key, now) === null)
  const ended = keys ? keys.filter((key) => endOf(key, now) !== null).length : 0
  return (
    <>
      <FailureNote error={keys ? null : error} />
      {(keys || !error) && (
        <Panel
          title={t`Keys`}
          aside={
            <Button size="compact-sm" onClick={create} rightSection={<kbd>N</kbd>}>
              <Trans>Create a key</Trans>
            </Button>
          }
        >
          {shown?.length === 0 ? (
            <Empty title={t`No key that works`} action={<CreateButton onClick={create} />}>
              {t`A program signs in with a key. Give each program its own, with no more than it needs.`}
            </Empty>
          ) : (
            <KeyTable
              keys={shown}
              onEdit={(key) => setOpen({ what: 'edit', key })}
              onRevoke={(key) => setOpen({ what: 'revoke', key })}
            />
          )}
        </Panel>
      )}
      {ended > 0 && (
        <div className="row">
          <Button variant="subtle" onClick={() => setHasEnded(!hasEnded)}>
            {hasEnded ? t`Hide ended keys` : t`Show ended keys (${ended})`}
          </Button>
        </div>
      )}
      <Suspense>
        {open?.what === 'new' && <KeyForm onClose={() => setOpen(null)} />}
        {open?.what === 'edit' && <KeyEdit apiKey={open.key} onClose={() => setOpen(null)} />}
      </Suspense>
      {open?.what === 'revoke' && <Revoke apiKey={open.key} onClose={() => setOpen(null)} />}
    </>
  )
}

function CreateButton({ onClick }: { onClick: () => void }) {
  return (
    <Button onClick={onClick}>
      <Trans>Create a key</Trans>
    </Button>
  )
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useLingui()
  const name = apiKey.name || `${apiKey.hint}…`
  const revoke = useMutation({
    mutationFn: () => take(api.DELETE('/v1/keys/{id}', { params: { path: { id: apiKey.id } } })),
    onSuccess: () => {
      forgetKey(apiKey.id)
      void queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
      onClose()
    },
  })
  return (
    <Confirm
      title={t`Revoke ${name}?`}
      action={t`Revoke the key`}
      error={revoke.error}
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <Trans>
        Programs that use it are refused at once, and it cannot be brought back. Orders that it
        bought stay.
      </Trans>
    </Confirm>
  )
}

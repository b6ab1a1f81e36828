// Passkeys: those that one has, by name, and adding, renaming and removing them.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useNow } from '../../parts/now.ts'
import { Panel } from '../../parts/page.tsx'
import { PasskeyNote } from '../../session/passkey-button.tsx'
import { addPasskey, canUsePasskeys, needsName, PasskeyThere } from '../../session/passkeys.ts'
import type { Session } from '../../session/session.ts'
import { ago, dateTime } from '../../texts.ts'
import { readSession } from './fresh.ts'
import { RecoveryCodes } from './recovery-codes.tsx'
import { RecoveryRow } from './recovery-row.tsx'
import css from './settings.module.css'

type Passkey = Schemas['Passkey']

const passkeysQuery = queryOptions({
  queryKey: ['user', 'passkeys'],
  queryFn: ({ signal }) => take(api.GET('/v1/user/passkeys', { signal })).then(({ data }) => data),
})

const readAgain = () => queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey })

export function Passkeys({ user }: { user: Session['user'] }) {
  const { t } = useLingui()
  const { data: passkeys, error } = useQuery(passkeysQuery)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const hasOther = user.second_factors.includes('totp')
  const added = async ({ recovery_codes: fresh }: Schemas['AddedPasskey']) => {
    // The codes are shown whatever happens next: they are said only once.
    setCodes(fresh)
    announce(t`The passkey is added.`)
    await Promise.all([readAgain(), readSession()])
  }
  return (
    <Panel title={t`Passkeys`}>
      {codes !== null && <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />}
      <FailureNote error={passkeys ? null : error} />
      {passkeys?.map((one) => (
        <Row key={one.id} passkey={one} />
      ))}
      {codes === null && !hasOther && user.second_factors.includes('passkey') && (
        <RecoveryRow onCodes={setCodes} />
      )}
      {codes === null && <Add onAdded={added} />}
    </Panel>
  )
}

function Add({ onAdded }: { onAdded: (added: Schemas['AddedPasskey']) => Promise<void> }) {
  const { t } = useLingui()
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () => addPasskey(name.trim()),
    onSuccess: async (added) => {
      setName('')
      await onAdded(added)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!add.isPending) add.mutate()
  }
  return (
    <form className="pad stack" onSubmit={submit} noValidate>
      <p className="mute">
        <Trans>
          Sign in with a finger, a face or a PIN of your device, without a password. A passkey works
          on this site only, so nobody can ask you for it elsewhere.
        </Trans>
      </p>
      {canUsePasskeys ? (
        <>
          <TextInput
            maw={420}
            label={t`Name of the passkey`}
            description={t`For you, such as the device that keeps it.`}
            name="passkey"
            autoComplete="off"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={faultOf(add.error, 'name')}
            dir="auto"
          />
          {add.error instanceof PasskeyThere ? (
            <div className="note" role="alert">
              <Trans>This device has a passkey of yours already.</Trans>
            </div>
          ) : (
            !areShownBeside(add.error, ['name']) && <PasskeyNote error={add.error} />
          )}
          <div>
            <Button type="submit" loading={add.isPending}>
              <Trans>Add a passkey</Trans>
            </Button>
          </div>
        </>
      ) : (
        <div className="note">
          {needsName ? (
            <Trans>
              Passkeys belong to a name, and this page is open under an address. On the server’s own
              machine, open it as http://localhost.
            </Trans>
          ) : (
            <Trans>This browser knows no passkeys.</Trans>
          )}
        </div>
      )}
    </form>
  )
}

function Row({ passkey }: { passkey: Passkey }) {
  const { t } = useLingui()
  const now = useNow()
  const [isRenaming, setRenaming] = useState(false)
  const [isAsked, setAsked] = useState(false)
  const name = passkey.name || t`A passkey without a name`
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/v1/user/passkeys/{id}', { params: { path: { id: passkey.id } } })),
    onSuccess: async () => {
      setAsked(false)
      announce(t`The passkey is removed.`)
      await readSession()
    },
    onSettled: readAgain,
  })
  const since = dateTime(passkey.created_at)
  if (isRenaming) return <Rename passkey={passkey} onDone={() => setRenaming(false)} />
  return (
    <div className={css.setting}>
      <div>
        <div className="row tight wrap">
          <span className="strong" dir="auto">
            {name}
          </span>
          {!passkey.usable && <span className="tag wait">{t`not for this site`}</span>}
        </div>
        {!passkey.usable && <NotHere host={passkey.host ?? ''} />}
        <div className="faint small">
          <Trans>since {since}</Trans>
          {passkey.last_used_at !== null && (
            <>
              {' · '}
              <Trans>last used {ago(passkey.last_used_at, now)}</Trans>
            </>
          )}
        </div>
      </div>
      <div className="row tight">
        <Button variant="subtle" onClick={() => setRenaming(true)} aria-label={t`Rename: ${name}`}>
          <Trans>Rename</Trans>
        </Button>
        <Button variant="default" onClick={() => setAsked(true)} aria-label={t`Remove: ${name}`}>
          <Trans>Remove</Trans>
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title={t`Remove this passkey?`}
          action={t`Remove it`}
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        >
          <Trans>
            {name} signs in no more. Delete it on the device, too, which may go on offering it.
          </Trans>
        </Confirm>
      )}
    </div>
  )
}

/** A passkey is bound to the name that the server had when it was made. */
function NotHere({ host }: { host: string }) {
  return (
    <div className="mute small">
      <Trans>
        It was made for <span className="mono ltr">{host}</span> and cannot be used here. Remove it,
        and add one for this site.
      </Trans>
    </div>
  )
}

function Rename({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const { t } = useLingui()
  const [name, setName] = useState(passkey.name)
  const save = useMutation({
    mutationFn: () => {
      const params = { path: { id: passkey.id } }
      return take(api.PATCH('/v1/user/passkeys/{id}', { params, body: { name: name.trim() } }))
    },
    onSuccess: async () => {
      await readAgain()
      announce(t`Saved`)
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <form className="pad stack" onSubmit={submit} noValidate>
      <TextInput
        label={t`New name`}
        name="name"
        autoComplete="off"
        autoFocus
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={faultOf(save.error, 'name')}
        dir="auto"
      />
      {!areShownBeside(save.error, ['name']) && <FailureNote error={save.error} />}
      <div className="row tight">
        <Button type="submit" loading={save.isPending}>
          <Trans>Save</Trans>
        </Button>
        <Button variant="subtle" onClick={onDone}>
          <Trans>Leave it</Trans>
        </Button>
      </div>
    </form>
  )
}

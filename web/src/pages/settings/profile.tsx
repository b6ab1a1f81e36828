// You: the name, the language, the theme, the accounts that one belongs to, and leaving.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { api, take } from '../../api/client.ts'
import { areShownBeside, faultOf } from '../../api/failure.ts'
import { announce } from '../../parts/announcer.tsx'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Panel } from '../../parts/page.tsx'
import { type Session, switchAccount, takeSession } from '../../session/session.ts'
import { useWishes } from '../../session/wishes.ts'
import { locales, shownLocales } from '../../texts.ts'
import { onTheme, type Theme, themeChosen } from '../../theme.ts'
import { readSession, useSession } from './fresh.ts'
import { Leaving } from './leaving.tsx'
import css from './settings.module.css'

export function Profile() {
  const session = useSession()
  return (
    <div className="stack">
      <Name user={session.user} />
      <Looks />
      <Accounts session={session} />
      {session.account?.role === 'owner' && <Leaving account={session.account} />}
    </div>
  )
}

function Name({ user }: { user: Session['user'] }) {
  const { t } = useLingui()
  const [name, setName] = useState(user.name)
  const save = useMutation({
    mutationFn: () => take(api.PATCH('/v1/user', { body: { name: name.trim() } })),
    onSuccess: async (saved) => {
      setName(saved.name)
      await readSession()
      announce(t`Saved`)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate()
  }
  return (
    <Panel title={t`Profile`}>
      <form className={`pad ${css.form}`} onSubmit={submit} noValidate>
        <TextInput
          label={t`Name`}
          description={t`Your team sees it.`}
          name="name"
          autoComplete="name"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={faultOf(save.error, 'name')}
          dir="auto"
        />
        <TextInput
          label={t`Email`}
          description={t`You sign in with it. It cannot be changed here.`}
          value={user.email}
          readOnly
          dir="ltr"
        />
        {!areShownBeside(save.error, ['name']) && <FailureNote error={save.error} />}
        <div>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === user.name}>
            <Trans>Save</Trans>
          </Button>
        </div>
      </form>
    </Panel>
  )
}

const themes: readonly Theme[] = ['light', 'dark', 'system']

function Looks() {
  const { t, i18n } = useLingui()
  const wish = useWishes()
  const theme = useSyncExternalStore(onTheme, themeChosen)
  const names = { light: t`Light`, dark: t`Dark`, system: t`As the system` }
  return (
    <Panel title={t`Language and theme`}>
      <div className={css.setting}>
        <span>{t`Language`}</span>
        <div className="pills" role="group" aria-label={t`Language`}>
          {shownLocales.map((one) => (
            <button
              type="button"
              key={one}
              lang={one}
              aria-pressed={i18n.locale === one}
              onClick={() => wish.locale(one)}
            >
              {locales[one]}
            </button>
          ))}
        </div>
      </div>
      <div className={css.setting}>
        <span>{t`Theme`}</span>
        <div className="pills" role="group" aria-label={t`Theme`}>
          {themes.map((one) => (
            <button
              type="button"
              key={one}
              aria-pressed={one === theme}
              onClick={() => wish.theme(one)}
            >
              {names[one]}
            </button>
          ))}
        </div>
      </div>
    </Panel>
  )
}

function Accounts({ session }: { session: Session }) {
  const { t } = useLingui()
  const change = useMutation({ mutationFn: switchAccount, onSuccess: takeSession })
  const roles = { owner: t`Owner`, member: t`Member` }
  return (
    <Panel title={t`Accounts`}>
      {change.error && (
        <div className="pad">
          <FailureNote error={change.error} />
        </div>
      )}
      {session.accounts.map((account) => (
        <div className={css.setting} key={account.id}>
          <div>
            <div className="strong" dir="auto">
              {account.name || account.id}
            </div>
            <div className="faint small">
              {roles[account.role]} · {account.currency} ·{' '}
              <span className="mono ltr">{account.id}</span>{' '}
              <CopyIcon text={account.id} label={t`Copy the id of ${account.name || account.id}`} />
            </div>
          </div>
          {account.id === session.account?.id ? (
            <span className="tag ok">{t`You are in it`}</span>
          ) : (
            <Button
              variant="default"
              loading={change.isPending && change.variables === account.id}
              onClick={() => change.mutate(account.id)}
              aria-label={t`Switch to ${account.name || account.id}`}
            >
              <Trans>Switch</Trans>
            </Button>
          )}
        </div>
      ))}
    </Panel>
  )
}

// The sheet behind More on a phone: the other places, theme, language, and the way out.
import { useLingui } from '@lingui/react/macro'
import { Drawer } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Icon } from '../parts/icon.tsx'
import type { Session } from '../session/session.ts'
import { signOut } from '../session/session.ts'
import { useWishes } from '../session/wishes.ts'
import { locales, shownLocales } from '../texts.ts'
import { places } from './places.ts'
import css from './shell.module.css'

type Props = { readonly session: Session; readonly onClose: () => void }

export function MoreSheet({ session, onClose }: Props) {
  const { t } = useLingui()
  return (
    <Drawer
      opened
      onClose={onClose}
      position="bottom"
      size="auto"
      title={session.user.email}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <More onDone={onClose} />
    </Drawer>
  )
}

function More({ onDone }: { onDone: () => void }) {
  const { t, i18n } = useLingui()
  const wish = useWishes()
  const navigate = useNavigate()
  const leave = async () => {
    await signOut()
    await navigate({ to: '/sign-in', search: {} })
  }
  return (
    <div className="stack">
      <div>
        {places
          .filter((place) => !place.isInBar)
          .map(({ to, label, icon }) => (
            <Link key={to} to={to} className={css.item} onClick={onDone}>
              <Icon name={icon} />
              <span>{i18n._(label)}</span>
            </Link>
          ))}
      </div>
      <div className="row wrap tight" role="group" aria-label={t`Theme`}>
        <Choice label={t`Light`} onPick={() => wish.theme('light')} />
        <Choice label={t`Dark`} onPick={() => wish.theme('dark')} />
        <Choice label={t`As the system`} onPick={() => wish.theme('system')} />
      </div>
      <div className="row wrap tight" role="group" aria-label={t`Language`}>
        {shownLocales.map((one) => (
          <Choice key={one} label={locales[one]} onPick={() => wish.locale(one)} />
        ))}
      </div>
      <button type="button" className={css.item} onClick={() => void leave()}>
        <Icon name="leave" />
        <span>{t`Sign out`}</span>
      </button>
    </div>
  )
}

function Choice({ label, onPick }: { label: string; onPick: () => void }) {
  return (
    <button type="button" className="tag" onClick={onPick}>
      {label}
    </button>
  )
}

// The bar at the bottom of a phone: the first places, and a sheet with the rest.
import { Trans, useLingui } from '@lingui/react/macro'
import { Drawer } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Icon } from '../parts/icon.tsx'
import type { Session } from '../session/session.ts'
import { signOut } from '../session/session.ts'
import { useWishes } from '../session/wishes.ts'
import { locales, shownLocales } from '../texts.ts'
import { places } from './places.ts'
import css from './shell.module.css'

export function Bar({ session }: { session: Session }) {
  const { t, i18n } = useLingui()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <nav className={css.bar} aria-label={t`Pages`}>
        {places
          .filter((place) => place.isInBar)
          .map(({ to, label, icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/' }}>
              <Icon name={icon} size={20} />
              {i18n._(label)}
            </Link>
          ))}
        <button type="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
          <Icon name="more" size={20} />
          <Trans>More</Trans>
        </button>
      </nav>
      <Drawer
        opened={isOpen}
        onClose={() => setOpen(false)}
        position="bottom"
        size="auto"
        title={session.user.email}
        lockScroll={false}
        closeButtonProps={{ 'aria-label': t`Close` }}
      >
        <More onDone={() => setOpen(false)} />
      </Drawer>
    </>
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

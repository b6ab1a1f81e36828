// The bar at the bottom of a phone: the first places, and a sheet with the rest.
import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { Icon } from '../parts/icon.tsx'
import type { Session } from '../session/session.ts'
import { places } from './places.ts'
import css from './shell.module.css'

const MoreSheet = lazy(async () => ({ default: (await import('./more-sheet.tsx')).MoreSheet }))

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
      <Suspense>
        {isOpen && <MoreSheet session={session} onClose={() => setOpen(false)} />}
      </Suspense>
    </>
  )
}

// What stands around every page of somebody who is signed in: rail, top line, bar, palette, keys, live codes.
import { useLingui } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { followLive } from '../live/live.ts'
import { accountOf, sessionQuery } from '../session/session.ts'
import { Banner } from './banner.tsx'
import { Bar } from './bar.tsx'
import { CodeNotices } from './code-notices.tsx'
import { useCommands } from './commands.ts'
import { useShortcut } from './keys.ts'
import { type Place, places } from './places.ts'
import { Rail } from './rail.tsx'
import css from './shell.module.css'
import { Top } from './top.tsx'

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }))
const KeySheet = lazy(async () => ({ default: (await import('./key-sheet.tsx')).KeySheet }))

const foldKey = 'numlet-rail'

export function Shell() {
  const { t } = useLingui()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const account = session?.account ?? null
  const scope = session && account ? `${session.user.id}-${account.id}` : null
  const [sheet, setSheet] = useState<'palette' | 'keys' | null>(null)
  const [isFolded, setFolded] = useState(() => localStorage.getItem(foldKey) === 'folded')
  useEffect(() => (scope === null ? undefined : followLive(scope)), [scope])
  usePlaceCommands()
  useShortcut('?', t`Show all keys`, () => setSheet('keys'))
  useShortcut('/', t`Search`, () => setSheet('palette'))
  usePaletteKey(() => setSheet('palette'))
  const main = useFocusOnPage()
  const fold = () => {
    localStorage.setItem(foldKey, isFolded ? 'open' : 'folded')
    setFolded(!isFolded)
  }
  if (!session || !account) return null
  return (
    <div className={css.frame} data-folded={isFolded || undefined}>
      <a className={css.skip} href="#main">
        {t`Skip to the content`}
      </a>
      {places.map((place) => (
        <PlaceKey key={place.to} place={place} />
      ))}
      <Rail session={session} isFolded={isFolded} onFold={fold} />
      <div className={css.side}>
        <Top session={session} account={accountOf(session)} onSearch={() => setSheet('palette')} />
        <Banner />
        <main id="main" className={css.main} tabIndex={-1} ref={main}>
          <Outlet />
        </main>
      </div>
      <Bar session={session} />
      <CodeNotices />
      <Suspense>
        {sheet === 'palette' && <Palette onClose={() => setSheet(null)} />}
        {sheet === 'keys' && <KeySheet onClose={() => setSheet(null)} />}
      </Suspense>
    </div>
  )
}

/** The keys that lead to a place. */
function PlaceKey({ place }: { place: Place }) {
  const { i18n } = useLingui()
  const navigate = useNavigate()
  useShortcut(place.keys, i18n._(place.label), () => void navigate({ to: place.to }))
  return null
}

/** The commands that lead to the places. */
function usePlaceCommands() {
  const { i18n } = useLingui()
  const navigate = useNavigate()
  useCommands(
    useMemo(
      () =>
        places.map(({ to, label, icon, keys }) => ({
          id: to,
          label: i18n._(label),
          icon,
          hint: keys,
          run: () => void navigate({ to }),
        })),
      [i18n, navigate],
    ),
  )
}

function usePaletteKey(open: () => void) {
  const latest = useRef(open)
  latest.current = open
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])
}

/** After a change of page the focus is on the content, as it is after loading one. */
function useFocusOnPage() {
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== undefined && before.current !== path) {
      const isInside = main.current?.contains(document.activeElement)
      if (!isInside) main.current?.focus({ preventScroll: true })
    }
    before.current = path
  }, [path])
  return main
}

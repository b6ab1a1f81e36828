// The person at the foot of the rail. Their menu is loaded when it is first opened.
import { useLingui } from '@lingui/react/macro'
import { lazy, Suspense, useState } from 'react'
import { Icon } from '../parts/icon.tsx'
import type { Session } from '../session/session.ts'

const PersonMenu = lazy(async () => ({
  default: (await import('./person-menu.tsx')).PersonMenu,
}))

export function PersonButton({ session, className }: { session: Session; className: string }) {
  const { t } = useLingui()
  const name = session.user.name || session.user.email
  const [isWanted, setWanted] = useState(false)
  const button = (
    <button
      type="button"
      className={className}
      aria-label={t`${name}: you and your settings`}
      aria-haspopup="menu"
      onClick={() => setWanted(true)}
    >
      <Icon name="person" />
      <span className="clip">{name}</span>
    </button>
  )
  if (!isWanted) return button
  return (
    <Suspense fallback={button}>
      <PersonMenu session={session} className={className} />
    </Suspense>
  )
}

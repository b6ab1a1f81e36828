// The frame of the pages outside: one column, the name above, and nothing that distracts.
import { type ReactNode, useSyncExternalStore } from 'react'
import { connection } from '../../api/connection.ts'
import { Logo } from '../../parts/icon.tsx'
import { useTitle } from '../../parts/page.tsx'
import { Banner } from '../../shell/banner.tsx'
import css from './outside.module.css'

type Props = {
  readonly title: string
  /** A sentence below the title. */
  readonly lead?: ReactNode
  readonly children?: ReactNode
  /** Links below the form. */
  readonly foot?: ReactNode
}

export function Outside({ title, lead, children, foot }: Props) {
  useTitle(title)
  const isGone = useSyncExternalStore(connection.subscribe, connection.isGone)
  return (
    <div className={css.outside}>
      {isGone && <Banner />}
      <main className={css.column} id="main">
        <div className={css.brand}>
          <Logo size={30} />
          <span>Numlet</span>
        </div>
        <div className={`panel ${css.card}`}>
          <h1>{title}</h1>
          {lead && <p className="mute">{lead}</p>}
          {children}
        </div>
        {foot && <div className={css.foot}>{foot}</div>}
      </main>
    </div>
  )
}

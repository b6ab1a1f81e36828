// Developers: keys, webhooks, requests, examples and usage, each with its own address.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../../session/session.ts'
import { useCommands } from '../../shell/commands.ts'
import css from './developers.module.css'

/** The frame of these pages; each of them names itself in the tab. */
export function Developers() {
  const { t } = useLingui()
  const navigate = useNavigate()
  useCommands(
    useMemo(
      () => [
        {
          id: 'developers-webhooks',
          label: t`Webhooks`,
          icon: 'developers',
          run: () => void navigate({ to: '/developers/webhooks' }),
        },
        {
          id: 'developers-requests',
          label: t`Requests`,
          icon: 'developers',
          run: () => void navigate({ to: '/developers/requests', search: {} }),
        },
        {
          id: 'developers-examples',
          label: t`Examples of each API`,
          icon: 'play',
          run: () => void navigate({ to: '/developers/examples', search: {} }),
        },
        {
          id: 'developers-usage',
          label: t`Usage`,
          icon: 'developers',
          run: () => void navigate({ to: '/developers/usage', search: {} }),
        },
      ],
      [t, navigate],
    ),
  )
  return (
    <>
      <div className="row between wrap page-head">
        <h1>{t`Developers`}</h1>
        <a className="link small" href="/docs" target="_blank" rel="noreferrer">
          {t`The reference`}
        </a>
      </div>
      <div className="stack">
        <nav className={css.tabs} aria-label={t`Developers`}>
          <Link to="/developers" activeOptions={{ exact: true }}>
            {t`Keys`}
          </Link>
          <Link to="/developers/webhooks">{t`Webhooks`}</Link>
          <Link to="/developers/requests" search={{}} activeOptions={{ includeSearch: false }}>
            {t`Requests`}
          </Link>
          <Link to="/developers/examples" search={{}} activeOptions={{ includeSearch: false }}>
            {t`Examples`}
          </Link>
          <Link to="/developers/usage" search={{}} activeOptions={{ includeSearch: false }}>
            {t`Usage`}
          </Link>
        </nav>
        <Outlet />
      </div>
    </>
  )
}

/** Whether the person may see and change keys and webhooks: members of a team may not. */
export function useIsOwner(): boolean {
  const { data: session } = useQuery(sessionQuery)
  return session?.account?.role === 'owner'
}

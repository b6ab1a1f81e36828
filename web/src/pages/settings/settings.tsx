// Settings: the frame of its pages, each with an address of its own.
import { Trans, useLingui } from '@lingui/react/macro'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Page, useTitle } from '../../parts/page.tsx'
import { useCommands } from '../../shell/commands.ts'
import css from './settings.module.css'

export function Settings() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const path = useLocation({ select: ({ pathname }) => pathname.replace(/\/$/, '') })
  const parts: Readonly<Record<string, string>> = {
    '/settings/security': t`Security`,
    '/settings/team': t`Team`,
    '/settings/notifications': t`Notifications`,
  }
  const part = parts[path]
  // Set after the frame's own, so that each page has its name in the tab.
  useTitle(part === undefined ? t`Settings` : `${part} · ${t`Settings`}`)
  useCommands(
    useMemo(
      () =>
        (
          [
            ['/settings/security', t`Security`],
            ['/settings/team', t`Team`],
            ['/settings/notifications', t`Notifications`],
          ] as const
        ).map(([to, label]) => ({
          id: to,
          label,
          icon: 'settings',
          run: () => void navigate({ to }),
        })),
      [t, navigate],
    ),
  )
  return (
    <Page
      title={t`Settings`}
      actions={
        <nav className="pills" aria-label={t`Settings`}>
          <Link to="/settings" activeOptions={{ exact: true }}>
            <Trans>You</Trans>
          </Link>
          <Link to="/settings/security">
            <Trans>Security</Trans>
          </Link>
          <Link to="/settings/team">
            <Trans>Team</Trans>
          </Link>
          <Link to="/settings/notifications">
            <Trans>Notifications</Trans>
          </Link>
        </nav>
      }
    >
      <div className={css.column}>
        <Outlet />
      </div>
    </Page>
  )
}

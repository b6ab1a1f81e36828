// Settings: the frame of its pages, each with an address of its own.
import { Trans, useLingui } from '@lingui/react/macro'
import { Link, Outlet } from '@tanstack/react-router'
import { Page } from '../../parts/page.tsx'
import css from './settings.module.css'

export function Settings() {
  const { t } = useLingui()
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

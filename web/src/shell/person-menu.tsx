// The person's menu: other accounts, theme, language, and the way out.
import { Trans, useLingui } from '@lingui/react/macro'
import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { Icon } from '../parts/icon.tsx'
import { type Session, signOut, switchAccount, takeSession } from '../session/session.ts'
import { useWishes } from '../session/wishes.ts'
import { isLocale, locales, shownLocales } from '../texts.ts'
import { onTheme, type Theme, themeChosen } from '../theme.ts'

const themes: readonly Theme[] = ['light', 'dark', 'system']

export function PersonMenu({ session, className }: { session: Session; className: string }) {
  const { t, i18n } = useLingui()
  const name = session.user.name || session.user.email
  const navigate = useNavigate()
  const wish = useWishes()
  const theme = useSyncExternalStore(onTheme, themeChosen)
  const names = { light: t`Light`, dark: t`Dark`, system: t`As the system` }
  const leave = async () => {
    await signOut()
    await navigate({ to: '/sign-in', search: {} })
  }
  const others = session.accounts.filter((one) => one.id !== session.account?.id)
  return (
    <Menu position="top-start" width={240} withinPortal defaultOpened>
      <Menu.Target>
        <button type="button" className={className} aria-label={t`${name}: you and your settings`}>
          <Icon name="person" />
          <span className="clip">{name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.user.email}</Menu.Label>
        {others.map((account) => (
          <Menu.Item
            key={account.id}
            leftSection={<Icon name="swap" />}
            onClick={async () => takeSession(await switchAccount(account.id))}
          >
            {account.name}
          </Menu.Item>
        ))}
        {others.length > 0 && <Menu.Divider />}
        <Menu.Label>
          <Trans>Theme</Trans>
        </Menu.Label>
        {themes.map((one) => (
          <Menu.Item
            key={one}
            closeMenuOnClick={false}
            leftSection={<Icon name={one === theme ? 'check' : 'sun'} />}
            aria-current={one === theme}
            onClick={() => wish.theme(one)}
          >
            {names[one]}
          </Menu.Item>
        ))}
        <Menu.Label>
          <Trans>Language</Trans>
        </Menu.Label>
        {shownLocales.filter(isLocale).map((one) => (
          <Menu.Item
            key={one}
            lang={one}
            leftSection={
              i18n.locale === one ? <Icon name="check" /> : <span style={{ width: 16 }} />
            }
            aria-current={i18n.locale === one}
            onClick={() => wish.locale(one)}
          >
            {locales[one]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="leave" />} onClick={() => void leave()}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

// The line at the top: search, account and live balance.
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { balanceQuery } from '../api/queries.ts'
import { Icon } from '../parts/icon.tsx'
import { Bone } from '../parts/page.tsx'
import type { ActingAccount, Session } from '../session/session.ts'
import { money } from '../texts.ts'
import css from './shell.module.css'

type Props = {
  readonly session: Session
  readonly account: ActingAccount
  readonly onSearch: () => void
}

export function Top({ account, onSearch }: Props) {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  return (
    <header className={css.top}>
      <button type="button" className={css.find} onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" size={15} />
        <span>
          <Trans>Find a number, order or page</Trans>
        </span>
        <kbd>Ctrl K</kbd>
      </button>
      <div className={css.balance}>
        <span className={`${css.account} mute small clip`}>{account.name}</span>
        <Link to="/wallet" className={`${css.amount} num ltr`} title={t`Balance`}>
          <span className="hidden">{t`Balance`} </span>
          {balance ? money(balance.balance, balance.currency) : <Bone width={56} height={14} />}
        </Link>
      </div>
    </header>
  )
}

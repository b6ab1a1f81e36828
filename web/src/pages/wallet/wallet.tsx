// Wallet: the balance, topping it up, what is being paid, the statement, and the warning when it runs low.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { accountQuery } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { LowBalance } from '../../parts/low-balance.tsx'
import { Bone, Page } from '../../parts/page.tsx'
import { Suspended } from '../../parts/suspended.tsx'
import { money } from '../../texts.ts'
import { Deposits } from './deposits.tsx'
import { Statement } from './statement.tsx'
import { TopUp } from './top-up.tsx'
import css from './wallet.module.css'

export function Wallet() {
  const { t } = useLingui()
  const { data: account, error } = useQuery(accountQuery)
  return (
    <Page title={t`Wallet`}>
      <Suspended error={error}>
        <div className="stack">
          <FailureNote error={account ? null : error} />
          <Balance />
          <div className={css.layout}>
            <div className="stack">
              <TopUp />
              <LowBalance />
            </div>
            <div className="stack">
              <Deposits />
              <Statement />
            </div>
          </div>
        </div>
      </Suspended>
    </Page>
  )
}

function Balance() {
  const { t } = useLingui()
  const { data: account } = useQuery(accountQuery)
  const low = account?.low_balance ?? null
  const isEmpty = account !== undefined && Number(account.balance) <= 0
  const isLow = account !== undefined && low !== null && Number(account.balance) < Number(low)
  const mark = account && low !== null ? money(low, account.currency) : ''
  return (
    <section className="panel" aria-label={t`Balance`}>
      <div className={css.balance}>
        <div>
          <div className="mute small">{t`Balance, ready to spend`}</div>
          <div className={`${css.sum} num ltr`}>
            {account ? money(account.balance, account.currency) : <Bone width={140} height={38} />}
          </div>
        </div>
        <p className="faint small">{t`The prices of open orders are taken off already.`}</p>
      </div>
      {(isEmpty || isLow) && (
        <div className="pad" style={{ paddingTop: 0 }}>
          <div className="note wait" role="status">
            <Icon name="warning" />
            <div>
              {isEmpty
                ? t`There is no money to buy with. Top up; what you pay is here within moments.`
                : t`The balance is below ${mark}. Top up before it runs out.`}
            </div>
          </div>
        </div>
      )}
    </section>
  )
}

// Notifications: what one is told of, how, and the mark below which the balance is low.
import { useLingui } from '@lingui/react/macro'
import { LowBalance } from '../../parts/low-balance.tsx'
import { Panel } from '../../parts/page.tsx'
import { useSession } from './fresh.ts'
import { MailSwitches } from './mail-switches.tsx'
import css from './settings.module.css'

export function Notifications() {
  const { t } = useLingui()
  const { email } = useSession().user
  const told = [
    {
      what: t`A code has come`,
      how: t`On every open page of this browser, and in the title of its order.`,
    },
    {
      what: t`A sign-in from a new device`,
      how: t`By mail to ${email}, always.`,
    },
    {
      what: t`Somebody guesses your password`,
      how: t`By mail to ${email}, always.`,
    },
  ]
  return (
    <div className="stack">
      <Panel title={t`What you are told`}>
        {told.map(({ what, how }) => (
          <div className={css.setting} key={what}>
            <div>
              <div className="strong">{what}</div>
              <div className="mute small">{how}</div>
            </div>
            <span className="tag ok">{t`On`}</span>
          </div>
        ))}
      </Panel>
      <MailSwitches />
      <LowBalance />
    </div>
  )
}

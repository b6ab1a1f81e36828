// What members of a team see where only owners may look.
import { useLingui } from '@lingui/react/macro'
import { Empty } from '../../parts/page.tsx'

export function OwnersOnly({ what }: { what: string }) {
  const { t } = useLingui()
  return (
    <section className="panel" aria-label={what}>
      <Empty title={t`${what}: only for owners`}>
        {t`As a member you may buy and see orders. Ask an owner for what you need here.`}
      </Empty>
    </section>
  )
}

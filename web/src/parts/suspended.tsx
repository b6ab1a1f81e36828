// What somebody sees whose account is suspended: what it means, and that nothing is lost.
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { isFailure } from '../api/failure.ts'
import { Empty } from './page.tsx'

/** Shows its content, unless a request was refused because the account is suspended. */
export function Suspended({ error, children }: { error: unknown; children: ReactNode }) {
  const { t } = useLingui()
  if (!isFailure(error) || error.code !== 'account_suspended') return children
  return (
    <section className="panel" role="alert">
      <Empty title={t`This account is suspended`}>
        <Trans>
          The operator has suspended it: nothing can be bought or paid in. Its balance and its
          orders are kept. Ask the operator what to do.
        </Trans>
      </Empty>
    </section>
  )
}

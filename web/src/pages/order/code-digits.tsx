// The code in large digits: empty boxes while it is awaited, and a short motion when it comes.
import { useLingui } from '@lingui/react/macro'
import type { Order } from '../../api/queries.ts'
import { useArrival } from '../../parts/order-parts.tsx'
import { groupedCode, isOpen } from '../../parts/order-words.ts'
import css from './order.module.css'

const awaited = '••• •••'
/** Longer ones, such as words, are shown as text. */
const maxBoxes = 9

export function CodeDigits({ order }: { order: Order }) {
  const { t } = useLingui()
  const isNew = useArrival(order.code)
  const { code } = order
  if (code === null && !isOpen(order)) return null
  const shown = code === null ? awaited : groupedCode(code)
  const spoken = code === null ? t`No code yet` : t`Code ${[...code].join(' ')}`
  const places = [...shown].map((mark, at) => ({ mark, key: `${code ?? ''}-${at}` }))
  return (
    <div>
      <div className="mute small">
        {code !== null
          ? t`Code`
          : order.kind === 'rental'
            ? t`Codes appear here as they come`
            : t`The code appears here as soon as it comes`}
      </div>
      {code !== null && code.length > maxBoxes ? (
        <div className={`${css.word} ltr`} data-testid="code">
          {code}
        </div>
      ) : (
        <div
          className={`${css.digits} ltr`}
          data-empty={code === null || undefined}
          data-new={isNew || undefined}
          role="img"
          aria-label={spoken}
          data-testid="code"
        >
          {places.map(({ mark, key }) =>
            mark === ' ' ? (
              <i key={key} aria-hidden="true" />
            ) : (
              <span key={key} aria-hidden="true">
                {code === null ? '' : mark}
              </span>
            ),
          )}
        </div>
      )}
    </div>
  )
}

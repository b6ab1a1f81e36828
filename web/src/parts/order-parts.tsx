// Small parts of orders that several pages show: state, code, countdown, number.
import { useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState } from 'react'
import type { Order } from '../api/queries.ts'
import { CopyIcon } from './copy-button.tsx'
import { useNow } from './now.ts'
import { groupedCode, isOpen, toneOf, useStateWords, wareOf } from './order-words.ts'
import { useLasting } from './time-left.ts'

export function StateTag({ order }: { order: Order }) {
  const words = useStateWords()
  return <span className={`tag ${toneOf(order)}`}>{words(order)}</span>
}

/** The code in a list; it flashes once when it comes. */
export function CodeCell({ order }: { order: Order }) {
  const { t } = useLingui()
  const isNew = useArrival(order.code)
  if (order.code === null)
    return (
      <span className="faint">{isOpen(order) && order.kind !== 'esim' ? t`waiting` : '–'}</span>
    )
  return (
    <span className={`code-cell above ${isNew ? 'arrives' : ''}`}>
      <span className="code ltr">{groupedCode(order.code)}</span>
      <CopyIcon text={order.code} label={t`Copy the code`} />
    </span>
  )
}

/** Whether a value has come while it was shown. */
export function useArrival(value: string | null): boolean {
  const first = useRef(value)
  const [isNew, setNew] = useState(false)
  useEffect(() => {
    if (value === first.current) return
    first.current = value
    setNew(value !== null)
  }, [value])
  return isNew
}

/** What is left of its time, and the part of it as a ring. */
export function TimeLeft({ order }: { order: Order }) {
  const now = useNow()
  const lasting = useLasting()
  if (!isOpen(order) || !order.expires_at) return <span className="faint wide">–</span>
  const end = Date.parse(order.expires_at)
  const whole = end - Date.parse(order.created_at)
  const left = Math.max(0, end - now)
  const turn = 2 * Math.PI * 6.5
  return (
    <span className="time-left">
      <span className="num mute">{lasting(left / 1_000)}</span>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <circle cx="9" cy="9" r="6.5" className="ring-whole" />
        <circle
          cx="9"
          cy="9"
          r="6.5"
          className="ring-left"
          strokeDasharray={`${(turn * left) / whole} ${turn}`}
        />
      </svg>
    </span>
  )
}

/** The number or address, left to right in every language. */
export function Ware({ order }: { order: Order }) {
  const { t } = useLingui()
  const ware = wareOf(order)
  if (ware === null) return <span className="faint">{t`being found`}</span>
  return <span className="mono ltr">{ware}</span>
}

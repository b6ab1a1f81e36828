// The messages of a number as a conversation, oldest at the top; of an inbox as mails that open.
import { Trans, useLingui } from '@lingui/react/macro'
import { Fragment, lazy, Suspense, useEffect, useRef } from 'react'
import type { Order } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { useArrival } from '../../parts/order-parts.tsx'
import { groupedCode, isOpen } from '../../parts/order-words.ts'
import { Bone, Empty } from '../../parts/page.tsx'
import { time } from '../../texts.ts'
import { useDayWords } from './days.ts'
import css from './rentals.module.css'

const Mail = lazy(async () => ({ default: (await import('./mail.tsx')).Mail }))

export type Message = Order['messages'][number]

/** The list holds at most so many; older ones are events. */
const maxListed = 1_000

export function Messages({ order }: { order: Order }) {
  const { t } = useLingui()
  const { messages } = order
  const place = useFollowedEnd(order.id, messages.length)
  const dayOf = useDayWords()
  if (messages.length === 0)
    return (
      <Empty title={isOpen(order) ? t`No message yet` : t`No message came`}>
        {isOpen(order) &&
          (order.kind === 'email'
            ? t`Type the address where you sign up. Its mails appear here by themselves.`
            : t`Type the number where you sign up. Its messages appear here by themselves.`)}
      </Empty>
    )
  return (
    <section
      className={css.talk}
      ref={place}
      aria-label={t`Messages, oldest first`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
    >
      {messages.length >= maxListed && (
        <p className="mute small">
          <Trans>These are the newest thousand. Older ones are in the events of the order.</Trans>
        </p>
      )}
      <ol>
        {messages.map((message, at) => {
          const day = dayOf(message.received_at)
          const before = messages[at - 1]
          const isFirst = before === undefined || dayOf(before.received_at) !== day
          return (
            <Fragment key={message.id}>
              {isFirst && (
                <li className={css.day}>
                  <span>{day}</span>
                </li>
              )}
              {order.kind === 'email' ? (
                <Suspense fallback={<MailBone />}>
                  <Mail
                    message={message}
                    isLast={at === messages.length - 1}
                    boughtAt={order.created_at}
                  />
                </Suspense>
              ) : (
                <Bubble message={message} isSame={!isFirst && before?.sender === message.sender} />
              )}
            </Fragment>
          )
        })}
      </ol>
    </section>
  )
}

function MailBone() {
  return (
    <li>
      <Bone height={64} />
    </li>
  )
}

/** Keeps the newest message in sight, unless the person has scrolled up to read. */
function useFollowedEnd(id: string, length: number) {
  const place = useRef<HTMLElement>(null)
  const shown = useRef<string | null>(null)
  useEffect(() => {
    const box = place.current
    if (!box || length === 0) return
    const isOther = shown.current !== id
    shown.current = id
    const fromEnd = box.scrollHeight - box.scrollTop - box.clientHeight
    if (isOther || fromEnd < box.clientHeight / 2) box.scrollTop = box.scrollHeight
  }, [id, length])
  return place
}

/** What a stranger wrote: shown as text and nothing else. */
function Bubble({ message, isSame }: { message: Message; isSame: boolean }) {
  const { t } = useLingui()
  const isNew = useArrival(message.code)
  return (
    <li className={css.message}>
      {!isSame && (
        <div className="mute small">
          <bdi>{message.sender}</bdi>
        </div>
      )}
      <div className={css.bubble} dir="auto">
        {message.text ?? <span className="faint">{t`The text was deleted after its time.`}</span>}
      </div>
      <div className="row tight faint small">
        <span className="num">{time(message.received_at)}</span>
        {message.code !== null && <Code code={message.code} isNew={isNew} />}
        {message.text !== null && <CopyIcon text={message.text} label={t`Copy the message`} />}
      </div>
    </li>
  )
}

/** A code with what copies it. */
export function Code({ code, isNew = false }: { code: string; isNew?: boolean }) {
  const { t } = useLingui()
  return (
    <span className={`code-cell ${css.code} ${isNew ? 'arrives' : ''}`}>
      <span className="code ltr">{groupedCode(code)}</span>
      <CopyIcon text={code} label={t`Copy the code`} />
    </span>
  )
}

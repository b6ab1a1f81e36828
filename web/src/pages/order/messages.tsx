// The messages of an order, whole, newest last. What a stranger wrote is shown as text and nothing else.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { Order } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { isOpen } from '../../parts/order-words.ts'
import { Empty, Panel } from '../../parts/page.tsx'
import { time } from '../../texts.ts'
import css from './order.module.css'

type Message = Order['messages'][number]

export function Messages({ order }: { order: Order }) {
  const { t } = useLingui()
  const { messages } = order
  return (
    <Panel
      title={t`Messages`}
      aside={
        messages.length > 0 && (
          <span className="faint small">
            <Plural value={messages.length} one="# message" other="# messages" />
          </span>
        )
      }
    >
      {messages.length === 0 ? (
        <Empty title={isOpen(order) ? t`No message yet` : t`No message came`}>
          {isOpen(order) && t`This page shows it by itself. You need not reload.`}
        </Empty>
      ) : (
        <ol className={css.messages}>
          {messages.map((message) => (
            <MessageItem key={message.id} message={message} boughtAt={order.created_at} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

function MessageItem({ message, boughtAt }: { message: Message; boughtAt: string }) {
  const { t } = useLingui()
  const seconds = (Date.parse(message.received_at) - Date.parse(boughtAt)) / 1_000
  const after = seconds < 600 ? t`${seconds.toFixed(1)} s after you bought` : null
  return (
    <li>
      {message.subject && <div className="strong">{message.subject}</div>}
      <div className={css.sms} dir="auto">
        <Marked text={message.text ?? ''} code={message.code} />
      </div>
      <div className="row tight faint small">
        <span>
          <Trans>
            from <bdi>{message.sender}</bdi>
          </Trans>{' '}
          · {time(message.received_at)}
          {after && ` · ${after}`}
        </span>
        {message.text && <CopyIcon text={message.text} label={t`Copy the message`} />}
      </div>
    </li>
  )
}

/** The text with its code marked: the code is found with whatever stands between its digits. */
function Marked({ text, code }: { text: string; code: string | null }) {
  if (code === null) return text
  const pattern = [...code].map((mark) => mark.replace(/[^\p{L}\p{N}]/gu, '\\$&')).join('[\\s.-]?')
  const found = new RegExp(pattern, 'iu').exec(text)
  if (!found) return text
  const end = found.index + found[0].length
  return (
    <>
      {text.slice(0, found.index)}
      <strong>{found[0]}</strong>
      {text.slice(end)}
    </>
  )
}

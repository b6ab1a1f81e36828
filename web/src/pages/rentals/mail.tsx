// A mail: its subject, its code and links, its markup in a frame that can do nothing, its text beside it.
import { Trans, useLingui } from '@lingui/react/macro'
import { useId, useMemo, useState } from 'react'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { time } from '../../texts.ts'
import { mailDocument } from './mail-document.ts'
import { Code, type Message } from './messages.tsx'
import css from './rentals.module.css'

type Props = {
  readonly message: Message
  /** The newest mail is open; the others open when they are pressed. */
  readonly isLast: boolean
  readonly boughtAt: string
}

export function Mail({ message, isLast, boughtAt }: Props) {
  const { t } = useLingui()
  const [isOpen, setOpen] = useState(isLast)
  const body = useId()
  const subject = message.subject ?? message.headline ?? t`Mail without a subject`
  const seconds = (Date.parse(message.received_at) - Date.parse(boughtAt)) / 1_000
  return (
    <li className={css.mail}>
      <button
        type="button"
        className={css.subject}
        aria-expanded={isOpen}
        aria-controls={body}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />
        <span className="strong clip" dir="auto">
          {subject}
        </span>
        <span className="faint small nowrap num">{time(message.received_at)}</span>
      </button>
      <div className={css.from}>
        <span className="mute small clip">
          <Trans>
            from <bdi>{message.sender}</bdi>
          </Trans>
          {seconds >= 0 && seconds < 600 && ` · ${t`${seconds.toFixed(1)} s after you bought`}`}
        </span>
        {message.code !== null && <Code code={message.code} />}
      </div>
      {isOpen && (
        <div id={body} className={css.body}>
          <Links message={message} />
          <Bodies message={message} subject={subject} />
        </div>
      )}
    </li>
  )
}

/** The links that are meant to be followed: each says where it leads before it is pressed. */
function Links({ message }: { message: Message }) {
  const { t } = useLingui()
  const links = message.links.flatMap((link) => {
    const host = hostOf(link.url)
    return host === null ? [] : [{ ...link, host }]
  })
  if (links.length === 0) return null
  return (
    <ul className={css.links} aria-label={t`Links`}>
      {links.map(({ url, text, host }) => (
        <li key={url}>
          <a className="link clip" href={url} target="_blank" rel="noopener noreferrer nofollow">
            {text ?? url}
          </a>
          <span className="faint small nowrap">
            <Trans>
              opens <bdi className="mono">{host}</bdi>
            </Trans>
          </span>
          <CopyIcon text={url} label={t`Copy the link`} />
        </li>
      ))}
    </ul>
  )
}

/** Where a link leads; null for what is no page: a script in an address is never a link. */
function hostOf(url: string): string | null {
  const parsed = URL.parse(url)
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.host : null
}

function Bodies({ message, subject }: { message: Message; subject: string }) {
  const { t } = useLingui()
  const { html, text } = message
  const [view, setView] = useState<'mail' | 'text'>('mail')
  if (html === null && text === null)
    return <p className="faint">{t`The mail was deleted after its time.`}</p>
  return (
    <>
      {html !== null && text !== null && (
        <div className={css.views} role="group" aria-label={t`What is shown`}>
          <button type="button" aria-pressed={view === 'mail'} onClick={() => setView('mail')}>
            {t`Mail`}
          </button>
          <button type="button" aria-pressed={view === 'text'} onClick={() => setView('text')}>
            {t`Plain text`}
          </button>
        </div>
      )}
      <div
        className={css.bodies}
        data-view={view}
        data-one={html === null || text === null || undefined}
      >
        {html !== null && <Frame html={html} subject={subject} />}
        {text !== null && (
          <div className={css.plain}>
            <div className="row between faint small">
              <span>{t`Plain text`}</span>
              <CopyIcon text={text} label={t`Copy the text`} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
            <pre dir="auto" tabIndex={0} role="region" aria-label={t`Plain text`}>
              {text}
            </pre>
          </div>
        )}
      </div>
    </>
  )
}

/**
 * The frame has an origin of its own, runs no script, sends no form and opens no window. Its own policy lets
 * it load nothing but our sheet of styles.
 */
function Frame({ html, subject }: { html: string; subject: string }) {
  const { t } = useLingui()
  const document = useMemo(() => mailDocument(html), [html])
  return (
    <iframe
      className={css.frame}
      title={t`Mail: ${subject}`}
      sandbox=""
      referrerPolicy="no-referrer"
      srcDoc={document}
    />
  )
}

// The webhooks of the account: where events are sent, in which format, and whether they arrive.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { FailureNote } from '../../parts/failure-note.tsx'
import { BoneRows, Empty, Panel, useTitle } from '../../parts/page.tsx'
import { useCommands } from '../../shell/commands.ts'
import { useShortcut } from '../../shell/keys.ts'
import css from './developers.module.css'
import { useIsOwner } from './developers.tsx'
import { Formats } from './format-list.tsx'
import { titleOf } from './formats.ts'
import { OwnersOnly } from './owners-only.tsx'
import { formatsQuery, type Webhook, webhooksQuery } from './queries.ts'

const WebhookForm = lazy(async () => ({
  default: (await import('./webhook-form.tsx')).WebhookForm,
}))

export function Webhooks() {
  const { t } = useLingui()
  const isOwner = useIsOwner()
  useTitle(t`Webhooks`)
  return isOwner ? <OwnWebhooks /> : <OwnersOnly what={t`Webhooks`} />
}

function OwnWebhooks() {
  const { t } = useLingui()
  const [isNew, setNew] = useState(false)
  const { data: webhooks, error } = useQuery(webhooksQuery)
  useShortcut('n', t`Add a webhook`, () => setNew(true))
  useCommands(
    useMemo(
      () => [
        {
          id: 'new-webhook',
          label: t`Add a webhook`,
          icon: 'buy',
          hint: 'n',
          run: () => setNew(true),
        },
      ],
      [t],
    ),
  )
  return (
    <>
      <FailureNote error={webhooks ? null : error} />
      {(webhooks || !error) && (
        <Panel
          title={t`Webhooks`}
          aside={
            <Button size="compact-sm" onClick={() => setNew(true)} rightSection={<kbd>N</kbd>}>
              <Trans>Add a webhook</Trans>
            </Button>
          }
        >
          {webhooks?.length === 0 ? (
            <Empty
              title={t`No webhook yet`}
              action={
                <Button onClick={() => setNew(true)}>
                  <Trans>Add a webhook</Trans>
                </Button>
              }
            >
              {t`A webhook sends each code to your server the moment it comes: no program has to ask.`}
            </Empty>
          ) : (
            <WebhookTable webhooks={webhooks} />
          )}
        </Panel>
      )}
      <Formats />
      <Suspense>{isNew && <WebhookForm onClose={() => setNew(false)} />}</Suspense>
    </>
  )
}

function WebhookTable({ webhooks }: { webhooks: readonly Webhook[] | undefined }) {
  const { t } = useLingui()
  const { data: formats } = useQuery(formatsQuery)
  return (
    <div className="scrolls">
      <table className="table" aria-busy={webhooks === undefined}>
        <caption className="hidden">{t`Webhooks, oldest first`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Address`}</th>
            <th scope="col">{t`State`}</th>
            <th scope="col" className="wide">{t`Format`}</th>
            <th scope="col" className="wide">{t`Events`}</th>
          </tr>
        </thead>
        <tbody>
          {webhooks?.map((one) => (
            <tr key={one.id} className="leads">
              <td className={css.url}>
                <Link to="/developers/webhooks/$id" params={{ id: one.id }} className="cover">
                  <span className={css.two}>
                    <span className="mono ltr clip">{one.url}</span>
                    <span className="faint small clip" dir="auto">
                      {one.description}
                      {one.order_id !== null && t`only for the order ${one.order_id}`}
                    </span>
                  </span>
                </Link>
              </td>
              <td>
                <WebhookState webhook={one} />
              </td>
              <td className="wide">{titleOf(formats, one.format)}</td>
              <td className="wide mute small">
                {one.events.includes('*') ? (
                  t`all`
                ) : (
                  <Plural value={one.events.length} one="# event" other="# events" />
                )}
              </td>
            </tr>
          )) ?? <BoneRows rows={3} columns={4} />}
        </tbody>
      </table>
    </div>
  )
}

/** Whether it is sent to, and if not, why. */
export function WebhookState({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui()
  if (webhook.off_reason === 'gone') return <span className="tag bad">{t`off: it is gone`}</span>
  if (webhook.off_reason === 'failing')
    return <span className="tag bad">{t`off: it failed for days`}</span>
  if (!webhook.active) return <span className="tag">{t`off`}</span>
  if (webhook.failing_since !== null) return <span className="tag wait">{t`failing`}</span>
  return <span className="tag ok">{t`on`}</span>
}

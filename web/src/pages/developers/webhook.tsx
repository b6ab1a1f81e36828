// A webhook: whether it arrives, its log, a test, events sent again, another secret, and its end.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { queryClient } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Bone, useTitle } from '../../parts/page.tsx'
import { dateTime } from '../../texts.ts'
import { Deliveries } from './deliveries.tsx'
import css from './developers.module.css'
import { useIsOwner } from './developers.tsx'
import { titleOf } from './formats.ts'
import { OwnersOnly } from './owners-only.tsx'
import { formatsQuery, type Webhook, webhookQuery, webhooksQuery } from './queries.ts'
import { Rotate } from './rotate.tsx'
import { WebhookState } from './webhooks.tsx'

const WebhookForm = lazy(async () => ({
  default: (await import('./webhook-form.tsx')).WebhookForm,
}))
const ReplayForm = lazy(async () => ({ default: (await import('./replay-form.tsx')).ReplayForm }))

export function WebhookPage() {
  const { t } = useLingui()
  const isOwner = useIsOwner()
  return isOwner ? <OwnWebhook /> : <OwnersOnly what={t`Webhooks`} />
}

function OwnWebhook() {
  const { t } = useLingui()
  const { id } = useParams({ from: '/inside/developers/webhooks/$id' })
  const { data: webhook, error } = useQuery(webhookQuery(id))
  useTitle(webhook?.description || t`Webhook`)
  return (
    <>
      <div className="row tight faint small">
        <Link to="/developers/webhooks" className="link">
          <Trans>Webhooks</Trans>
        </Link>
        <span aria-hidden="true">/</span>
        <span className="mono ltr">{id}</span>
        <CopyIcon text={id} label={t`Copy the webhook’s id`} />
      </div>
      <FailureNote error={webhook ? null : error} />
      {webhook ? <Head webhook={webhook} /> : !error && <HeadBones />}
      {webhook && <Deliveries webhook={webhook} />}
    </>
  )
}

function HeadBones() {
  return (
    <div className="panel">
      <div className="pad stack">
        <Bone width="50%" height={18} />
        <Bone width="35%" />
        <Bone width="70%" height={34} />
      </div>
    </div>
  )
}

type Sheet = 'edit' | 'replay' | 'rotate' | 'delete'

function Head({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui()
  const [sheet, setSheet] = useState<Sheet | null>(null)
  const close = () => setSheet(null)
  return (
    <section className="panel" aria-label={t`Webhook`}>
      <div className="pad stack">
        <div className="row tight wrap">
          <h2 className={`${css.address} mono ltr`}>{webhook.url}</h2>
          <WebhookState webhook={webhook} />
        </div>
        <p className="mute" dir="auto">
          {webhook.description}
        </p>
        <Trouble webhook={webhook} />
        <Facts webhook={webhook} />
        <Actions webhook={webhook} onOpen={setSheet} />
      </div>
      <Suspense>
        {sheet === 'edit' && <WebhookForm webhook={webhook} onClose={close} />}
        {sheet === 'replay' && <ReplayForm webhook={webhook} onClose={close} />}
      </Suspense>
      {sheet === 'rotate' && <Rotate webhook={webhook} onClose={close} />}
      {sheet === 'delete' && <Delete webhook={webhook} onClose={close} />}
    </section>
  )
}

/** What is wrong with it, what that means, and what to do. */
function Trouble({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui()
  const since = webhook.failing_since === null ? '' : dateTime(webhook.failing_since)
  const words =
    webhook.off_reason === 'gone'
      ? t`Your server answered 410: nothing is sent any more. Switch it on again, then send what was missed.`
      : webhook.off_reason === 'failing'
        ? t`It took nothing for days: nothing is sent now. Switch it on again, then send what was missed.`
        : webhook.active && webhook.failing_since !== null
          ? t`Failing since ${since}. Each delivery is tried for two days; the log says why.`
          : null
  if (words === null) return null
  return (
    <div className={`note ${webhook.active ? 'wait' : 'bad'}`} role="status">
      <Icon name="warning" />
      <div>{words}</div>
    </div>
  )
}

function Facts({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui()
  const { data: formats } = useQuery(formatsQuery)
  return (
    <dl className="facts">
      <div>
        <dt>{t`Format`}</dt>
        <dd>{titleOf(formats, webhook.format)}</dd>
      </div>
      <div>
        <dt>{t`Events`}</dt>
        <dd className="mono small ltr">
          {webhook.events.includes('*') ? t`all` : webhook.events.join(', ')}
        </dd>
      </div>
      {webhook.order_id !== null && (
        <div>
          <dt>{t`Only for the order`}</dt>
          <dd>
            <Link
              to="/orders/$id"
              params={{ id: webhook.order_id }}
              className="link mono small ltr"
            >
              {webhook.order_id}
            </Link>
          </dd>
        </div>
      )}
      {webhook.old_secret_until !== null && (
        <div>
          <dt>{t`The old secret signs until`}</dt>
          <dd>{dateTime(webhook.old_secret_until)}</dd>
        </div>
      )}
      <div>
        <dt>{t`Added`}</dt>
        <dd>{dateTime(webhook.created_at)}</dd>
      </div>
    </dl>
  )
}

type ActionsProps = { readonly webhook: Webhook; readonly onOpen: (sheet: Sheet) => void }

function Actions({ webhook, onOpen }: ActionsProps) {
  const { t } = useLingui()
  const refresh = () => queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey })
  const path = { id: webhook.id }
  const test = useMutation({
    mutationFn: () =>
      asOneIntent(`test ${webhook.id}`, (header) =>
        take(api.POST('/v1/webhooks/{id}/test', { params: { path, header } })),
      ),
    onSuccess: () => {
      announce(t`A test is on its way`)
      void refresh()
    },
  })
  const turn = useMutation({
    mutationFn: (active: boolean) =>
      take(api.PATCH('/v1/webhooks/{id}', { params: { path }, body: { active } })),
    onSuccess: refresh,
  })
  return (
    <>
      <FailureNote error={test.error ?? turn.error} />
      <div className="row tight wrap">
        <Button
          onClick={() => test.mutate()}
          loading={test.isPending}
          disabled={!webhook.active}
          title={webhook.active ? undefined : t`Switch it on first`}
        >
          {webhook.active ? t`Send a test` : t`Send a test: switch it on first`}
        </Button>
        <Button variant="default" onClick={() => onOpen('replay')}>
          <Trans>Send missed events again</Trans>
        </Button>
        <Button variant="default" onClick={() => onOpen('edit')}>
          <Trans>Change</Trans>
        </Button>
        <Button variant="default" onClick={() => onOpen('rotate')}>
          <Trans>New secret</Trans>
        </Button>
        <Button
          variant="default"
          loading={turn.isPending}
          onClick={() => turn.mutate(!webhook.active)}
        >
          {webhook.active ? t`Switch off` : t`Switch on`}
        </Button>
        <Button variant="subtle" onClick={() => onOpen('delete')}>
          <Trans>Delete</Trans>
        </Button>
      </div>
    </>
  )
}

function Delete({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: () =>
      take(api.DELETE('/v1/webhooks/{id}', { params: { path: { id: webhook.id } } })),
    onSuccess: async () => {
      await navigate({ to: '/developers/webhooks' })
      queryClient.removeQueries({ queryKey: webhookQuery(webhook.id).queryKey })
      await queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey })
    },
  })
  return (
    <Confirm
      title={t`Delete this webhook?`}
      action={t`Delete the webhook`}
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <Trans>
        Nothing more is sent to <span className="mono ltr">{webhook.url}</span>, and its log is
        gone. To stop for a while, switch it off instead.
      </Trans>
    </Confirm>
  )
}

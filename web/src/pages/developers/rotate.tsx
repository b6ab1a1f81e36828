// Another secret for a webhook: for a day both sign, so that the receiver can change in peace.
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { queryClient } from '../../api/queries.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { type Webhook, webhooksQuery } from './queries.ts'
import { Secret } from './webhook-form.tsx'

type Props = { readonly webhook: Webhook; readonly onClose: () => void }

export function Rotate({ webhook, onClose }: Props) {
  const { t } = useLingui()
  const rotate = useMutation({
    mutationFn: () =>
      asOneIntent(`rotate ${webhook.id}`, (header) =>
        take(
          api.POST('/v1/webhooks/{id}/rotate', { params: { path: { id: webhook.id }, header } }),
        ),
      ),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  })
  if (rotate.data)
    return (
      <Modal
        opened
        onClose={onClose}
        title={t`The new secret`}
        size={560}
        lockScroll={false}
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <Secret secret={rotate.data.secret ?? ''} onClose={onClose} />
      </Modal>
    )
  return (
    <Confirm
      title={t`Make a new secret?`}
      action={t`Make a new secret`}
      error={rotate.error}
      isPending={rotate.isPending}
      onConfirm={() => rotate.mutate()}
      onClose={onClose}
    >
      <Trans>
        For a day the old one signs as well, so that your server can change in that time. Then the
        old one is worth nothing.
      </Trans>
    </Confirm>
  )
}

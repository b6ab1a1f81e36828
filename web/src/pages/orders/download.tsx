// The orders of the filter as CSV, which the server writes.
import { useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { sendRequest } from '../../api/client.ts'
import { failureOf } from '../../api/failure.ts'
import type { ShownFilter } from '../../api/queries.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'

export function Download({ filter, isEmpty }: { filter: ShownFilter; isEmpty: boolean }) {
  const { t } = useLingui()
  const download = useMutation({
    mutationFn: async () => {
      const answer = await sendRequest(`/v1/orders.csv?${new URLSearchParams(clean(filter))}`, {})
      if (!answer.ok) throw await failureOf(answer)
      return answer.blob()
    },
    onSuccess: (blob) => {
      save('orders.csv', blob)
      announce(t`Saved as orders.csv`)
    },
  })
  return (
    <>
      <FailureNote error={download.error} />
      <Button
        variant="default"
        leftSection={<Icon name="download" size={15} />}
        loading={download.isPending}
        disabled={isEmpty}
        onClick={() => download.mutate()}
      >
        {t`CSV`}
      </Button>
    </>
  )
}

const clean = (filter: ShownFilter): [string, string][] =>
  Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined)

function save(name: string, blob: Blob) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

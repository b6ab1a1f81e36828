// A list as CSV, which the server writes.
import { useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { sendRequest } from '../api/client.ts'
import { failureOf } from '../api/failure.ts'
import { announce } from './announcer.tsx'
import { FailureNote } from './failure-note.tsx'
import { Icon } from './icon.tsx'

type Props = {
  /** The list's address at the API. */
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  /** The name of the file. */
  readonly name: string
  readonly isEmpty: boolean
}

export function CsvButton({ path, query, name, isEmpty }: Props) {
  const { t } = useLingui()
  const download = useMutation({
    mutationFn: async () => {
      const answer = await sendRequest(`${path}?${new URLSearchParams(clean(query))}`, {})
      if (!answer.ok) throw await failureOf(answer)
      return answer.blob()
    },
    onSuccess: (blob) => {
      saveFile(name, blob)
      announce(t`Saved as ${name}`)
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

const clean = (query: Props['query']): [string, string][] =>
  Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)

/** Saves something as a file, as a link to it would. */
export function saveFile(name: string, blob: Blob) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

// Copies a text and says so, to eyes and to screen readers.
import { useLingui } from '@lingui/react/macro'
import { ActionIcon } from '@mantine/core'
import { useEffect, useState } from 'react'
import { announce } from './announcer.tsx'
import { Icon } from './icon.tsx'

const shownMs = 1_600

/** @returns whether it was copied just now, and what copies */
export function useCopy(text: string): readonly [boolean, () => Promise<void>] {
  const { t } = useLingui()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    await writeText(text)
    setCopied(true)
    announce(t`Copied`)
  }
  return [isCopied, copy]
}

/** Without https browsers have no clipboard: a selection is copied then. */
async function writeText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'hidden'
  document.body.append(field)
  field.select()
  document.execCommand('copy')
  field.remove()
}

export function CopyIcon({ text, label }: { text: string; label: string }) {
  const [isCopied, copy] = useCopy(text)
  return (
    <ActionIcon variant="subtle" size={28} aria-label={label} title={label} onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} size={15} />
    </ActionIcon>
  )
}

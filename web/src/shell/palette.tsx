// The palette: pages, commands, services to buy and orders to find, in one field.
import { useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { servicesQuery } from '../api/queries.ts'
import { Icon } from '../parts/icon.tsx'
import { wordsMatch } from '../parts/matching.ts'
import { type Command, useAllCommands } from './commands.ts'
import css from './palette.module.css'

const maxServices = 6

export function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(text)
  const list = useId()
  const chosen = found[Math.min(at, found.length - 1)]
  const run = (command: Command | undefined) => {
    if (!command) return
    onClose()
    command.run()
  }
  const hear = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setAt((before) => (Math.min(before, found.length - 1) + step + found.length) % found.length)
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      run(chosen)
    }
  }
  useEffect(() => {
    if (chosen)
      document.getElementById(`${list}-${chosen.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen, list])
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={560}
      padding={0}
      lockScroll={false}
      aria-label={t`Search`}
      classNames={{ inner: css.inner ?? '' }}
    >
      <div className={css.field}>
        <Icon name="search" size={18} />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
          aria-label={t`Find a number, order or page`}
          placeholder={t`Find a number, order or page`}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={hear}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <Results id={list} found={found} chosen={chosen} onPick={run} onPoint={setAt} onKey={hear} />
      {found.length === 0 && <p className={`${css.none} mute`}>{t`Nothing has this name.`}</p>}
    </Modal>
  )
}

type ResultsProps = {
  readonly id: string
  readonly found: readonly Command[]
  readonly chosen: Command | undefined
  readonly onPick: (command: Command) => void
  readonly onPoint: (at: number) => void
  readonly onKey: (event: KeyboardEvent) => void
}

function Results({ id, found, chosen, onPick, onPoint, onKey }: ResultsProps) {
  const { t } = useLingui()
  return (
    <div className={css.list} role="listbox" id={id} aria-label={t`Results`}>
      {found.map((command) => (
        <div
          key={command.id}
          id={`${id}-${command.id}`}
          role="option"
          tabIndex={-1}
          aria-selected={command === chosen}
          className={css.item}
          onClick={() => onPick(command)}
          onKeyDown={onKey}
          onPointerMove={() => onPoint(found.indexOf(command))}
        >
          <Icon name={command.icon} />
          <span className="clip">{command.label}</span>
          {command.hint && <kbd>{command.hint}</kbd>}
        </div>
      ))}
    </div>
  )
}

function useFound(text: string): Command[] {
  const { t } = useLingui()
  const navigate = useNavigate()
  const commands = useAllCommands()
  const { data: services = [] } = useQuery(servicesQuery)
  const wanted = text.trim()
  const matching = commands.filter(({ label }) => wordsMatch(label, wanted))
  if (wanted === '') return matching
  const digits = wanted.replace(/[\s()+-]/g, '')
  const isNumber = /^\d{4,15}$/.test(digits)
  const isId = /^ord_\w+$/.test(wanted) || /^\d{3,12}$/.test(wanted)
  const orders: Command[] = [
    ...(isId ? [{ id: 'order', label: t`Order ${wanted}`, path: wanted }] : []),
  ].map(({ id, label, path }) => ({
    id,
    label,
    icon: 'orders',
    run: () => void navigate({ to: '/orders/$id', params: { id: path } }),
  }))
  const numbers: Command[] = isNumber
    ? [
        {
          id: 'phone',
          label: t`Orders with ${digits}`,
          icon: 'orders',
          run: () => void navigate({ to: '/orders', search: { q: digits } }),
        },
      ]
    : []
  const wares: Command[] = services
    .filter(({ name }) => wordsMatch(name, wanted))
    .slice(0, maxServices)
    .map(({ slug, name }) => ({
      id: `buy-${slug}`,
      label: t`Buy a number for ${name}`,
      icon: 'buy',
      run: () => void navigate({ to: '/buy', search: { q: name } }),
    }))
  return [...orders, ...numbers, ...matching, ...wares]
}

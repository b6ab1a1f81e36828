// Fields that several forms here have: choices, lists, and the server's word beside a field.
import type { ReactNode } from 'react'
import { isFailure } from '../../api/failure.ts'
import css from './developers.module.css'

const nameOf = (pointer: string) => pointer.replace(/^[#/]+/, '').split('/')[0]

/** The server's word on a field or on a part of it: `allowed_ips/0` belongs to `allowed_ips`. */
export function faultIn(error: unknown, field: string): string | null {
  if (!isFailure(error)) return null
  return error.fields.find(({ pointer }) => nameOf(pointer) === field)?.detail ?? null
}

/** Whether each fault of a refusal stands beside one of these fields. */
export const areAllBeside = (error: unknown, fields: readonly string[]): boolean =>
  isFailure(error) &&
  error.fields.length > 0 &&
  error.fields.every(({ pointer }) => fields.includes(nameOf(pointer) ?? ''))

type GroupProps = {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | null
  readonly children: ReactNode
}

/** Choices that belong together. */
export function Group({ label, hint, error, children }: GroupProps) {
  return (
    <fieldset className={css.group}>
      <legend>{label}</legend>
      {hint && <p className="mute small">{hint}</p>}
      {children}
      {error && (
        <p className={css.fault} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  )
}

type ChoiceProps = {
  readonly type: 'checkbox' | 'radio'
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
  readonly isChosen: boolean
  readonly isOff?: boolean
  readonly onChange: (isChosen: boolean) => void
}

export function Choice({ type, name, label, hint, isChosen, isOff, onChange }: ChoiceProps) {
  return (
    <label className={css.choice} data-off={isOff || undefined}>
      <input
        type={type}
        name={name}
        checked={isChosen}
        disabled={isOff}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        <span>{label}</span>
        {hint && <span className="mute small">{hint}</span>}
      </span>
    </label>
  )
}

type PickProps<T extends string> = {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [T, string])[]
  readonly onPick: (value: T) => void
}

/** One of a few, as a field. */
export function Pick<T extends string>({ label, value, options, onPick }: PickProps<T>) {
  return (
    <label className={css.pick}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.target.value as T)}>
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

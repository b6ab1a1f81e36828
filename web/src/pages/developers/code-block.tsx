// Code to read and to copy, and the switch between its kinds.
import css from './developers.module.css'

export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <pre className={`${css.code} ltr`} tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  )
}

type SwitchProps<T extends string> = {
  readonly label: string
  readonly value: T
  readonly options: readonly (readonly [T, string])[]
  readonly onPick: (value: T) => void
}

export function Switch<T extends string>({ label, value, options, onPick }: SwitchProps<T>) {
  return (
    <div className={css.switch} role="group" aria-label={label}>
      {options.map(([key, name]) => (
        <button type="button" key={key} aria-pressed={key === value} onClick={() => onPick(key)}>
          {name}
        </button>
      ))}
    </div>
  )
}

// The rail on the left: the places, and the person. It folds to its icons.
import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Icon, Logo } from '../parts/icon.tsx'
import type { Session } from '../session/session.ts'
import { PersonButton } from './person-button.tsx'
import { places } from './places.ts'
import css from './shell.module.css'

type Props = {
  readonly session: Session
  readonly isFolded: boolean
  readonly onFold: () => void
}

export function Rail({ session, isFolded, onFold }: Props) {
  const { t, i18n } = useLingui()
  return (
    <nav className={css.rail} aria-label={t`Pages`}>
      <Link to="/" className={css.brand} aria-label="Numlet">
        <Logo />
        <span>Numlet</span>
      </Link>
      {places.map(({ to, label, icon }) => (
        <Link
          key={to}
          to={to}
          className={css.item}
          activeOptions={{ exact: to === '/' }}
          aria-label={i18n._(label)}
          title={isFolded ? i18n._(label) : undefined}
        >
          <Icon name={icon} />
          <span>{i18n._(label)}</span>
        </Link>
      ))}
      <span className={css.grow} />
      <button
        type="button"
        className={`${css.item} ${css.foldable}`}
        onClick={onFold}
        aria-expanded={!isFolded}
        aria-label={isFolded ? t`Unfold the rail` : t`Fold the rail`}
      >
        <Icon name="fold" />
        <span>{t`Fold`}</span>
      </button>
      <PersonButton session={session} className={css.item ?? ''} />
    </nav>
  )
}

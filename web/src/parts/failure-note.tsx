// Says what went wrong, what it means, and what to do.
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { isFailure } from '../api/failure.ts'
import { Icon } from './icon.tsx'

/** The words for a failure: the server's own where it has some. */
export function useFailureWords() {
  const { t } = useLingui()
  return (error: unknown): string => {
    if (!isFailure(error)) return t`Something in this page broke. Reload it and try again.`
    if (error.status === 0)
      return t`The server did not answer. Nothing you typed is lost: try again when it is back.`
    if (error.status === 429) {
      const wait = error.retryAfterS
      return wait === null
        ? t`That was too often. Wait a moment, then try again.`
        : t`That was too often. Try again in ${wait} s.`
    }
    if (error.status >= 500)
      return t`The server has a problem at the moment. Try again shortly; if it stays, tell its operator.`
    return error.message
  }
}

type Props = { readonly error: unknown; readonly action?: ReactNode }

export function FailureNote({ error, action }: Props) {
  const words = useFailureWords()
  if (!error) return null
  const id = isFailure(error) && error.status >= 500 ? error.requestId : null
  return (
    <div className="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <div>{words(error)}</div>
        {id && (
          <div className="small mute">
            <Trans>
              Request <span className="mono">{id}</span>
            </Trans>
          </div>
        )}
      </div>
      {action}
    </div>
  )
}

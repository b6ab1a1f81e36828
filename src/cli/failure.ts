// What a command prints on stderr when it fails: one clear line, never a stack trace.
import { isBusy, isReadOnly, isUnavailable, sqlState } from '../db/errors.ts'

/** A command that is refused or cannot run. The operator sees only the message. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** The line for an error. It never contains a connection string, which could contain a password. */
export function lineOf(error: unknown): string {
  if (isDamagedInstallation(error))
    return (
      `A part of this installation is missing (${firstLine(error)}). ` +
      'Remove node_modules and start again.'
    )
  if (isBusy(error)) return 'Another transaction holds a lock that this needs. Try again shortly.'
  if (isReadOnly(error))
    return (
      'The database is read-only: it is a standby, or default_transaction_read_only is on. ' +
      'Nothing was changed.'
    )
  if (isUnavailable(error)) return `The database cannot be reached: ${wordsOf(error)}.`
  const state = sqlState(error)
  if (state !== undefined && /^[0-9A-Z]{5}$/.test(state))
    return `The database refused: ${wordsOf(error)}.`
  return wordsOf(error)
}

/** A package, or a file of one, that is missing or damaged. */
function isDamagedInstallation(error: unknown): boolean {
  const { code, stack = '' } = error as { code?: string; stack?: string }
  const isMissing = /^(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_INVALID_PACKAGE_CONFIG)$/.test(
    code ?? '',
  )
  return isMissing || (error instanceof SyntaxError && /^\S*node_modules/.test(stack))
}

const firstLine = (error: unknown) => (error as Error).message.split('\n')[0]

function wordsOf(error: unknown): string {
  // `localhost` is tried on two addresses, and their combined error has no message.
  if (error instanceof AggregateError && error.message === '') return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  return words === '' ? 'unknown error' : words
}

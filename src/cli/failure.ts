// What a command says on stderr when it fails: one clear line, and never a stack trace.
import { isUnavailable, sqlState } from '../db/errors.ts'

/** Something that a command will not or cannot do. The message is all that the operator reads. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** The line for an error. No connection string is ever in it: it would hold a password. */
export function lineOf(error: unknown): string {
  if (isDamagedInstallation(error))
    return (
      `A part of this installation is missing (${firstLine(error)}). ` +
      'Remove node_modules and start again.'
    )
  if (isUnavailable(error)) return `The database cannot be reached: ${wordsOf(error)}.`
  const state = sqlState(error)
  if (state !== undefined && /^[0-9A-Z]{5}$/.test(state))
    return `The database refused: ${wordsOf(error)}.`
  return wordsOf(error)
}

/** A package, or a file of one, that is not there or cannot be read as code. */
function isDamagedInstallation(error: unknown): boolean {
  const { code, stack = '' } = error as { code?: string; stack?: string }
  const isMissing = /^(?:ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_INVALID_PACKAGE_CONFIG)$/.test(
    code ?? '',
  )
  return isMissing || (error instanceof SyntaxError && /^\S*node_modules/.test(stack))
}

const firstLine = (error: unknown) => (error as Error).message.split('\n')[0]

function wordsOf(error: unknown): string {
  // `localhost` is tried on two addresses, and the error of the pair has no words of its own.
  if (error instanceof AggregateError && error.message === '') return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  return words === '' ? 'something went wrong, and nobody said what' : words
}

// What a command says on stderr when it fails: one clear line, and never a stack trace.
import { isUnavailable, sqlState } from '../db/errors.ts'

/** Something that a command will not or cannot do. The message is all that the operator reads. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** The line for an error. No connection string is ever in it: it would hold a password. */
export function lineOf(error: unknown): string {
  if (isUnavailable(error)) return `The database cannot be reached: ${wordsOf(error)}.`
  const state = sqlState(error)
  if (state !== undefined && /^[0-9A-Z]{5}$/.test(state))
    return `The database refused: ${wordsOf(error)}.`
  return wordsOf(error)
}

function wordsOf(error: unknown): string {
  // `localhost` is tried on two addresses, and the error of the pair has no words of its own.
  if (error instanceof AggregateError && error.message === '') return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  return words === '' ? 'something went wrong, and nobody said what' : words
}

// The labelled messages of corpus/, and those of the shared set where it is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type LabelledMessage, labelledOf } from '../../src/core/codes/labelled.ts'

const folder = new URL('./corpus/', import.meta.url)
const shared = new URL('../../../shared/otp/dev.jsonl', import.meta.url)

/** Our own messages, in the order in which they were written. */
export const own: readonly LabelledMessage[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .sort()
  .flatMap((name) => messagesOf(new URL(name, folder)))

/** Messages of others, to measure with; none where the folder is not at hand. */
export const others: readonly LabelledMessage[] = existsSync(shared) ? messagesOf(shared) : []

/** True for messages of the batches of the beginning; all others are written by theme. */
export const isOfBatch = ({ id }: LabelledMessage): boolean => /^\d\d-/.test(id)

/** The messages of a file, one a line. */
export function messagesOf(file: URL): LabelledMessage[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line, i) => {
    const message = labelledOf(line)
    if (typeof message === 'string') throw new Error(`${file.pathname}, line ${i + 1} ${message}`)
    return message
  })
}

// The labelled messages of corpus/, and those of the shared set where it is at hand.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { type LabelledMessage, labelledOf } from '../../src/core/codes/labelled.ts'

const folder = new URL('./corpus/', import.meta.url)
const shared = new URL('../../../shared/otp/dev.jsonl', import.meta.url)

/** Our own messages, in the order in which they were written. */
export const own: readonly LabelledMessage[] = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .sort()
  .flatMap((name) => read(new URL(name, folder), name))

/** Messages of others, to measure with; none where the folder is not at hand. */
export const others: readonly LabelledMessage[] = existsSync(shared)
  ? read(shared, 'dev.jsonl')
  : []

function read(file: URL, name: string): LabelledMessage[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line, i) => {
    const message = labelledOf(line)
    if (typeof message === 'string') throw new Error(`${name}, line ${i + 1} ${message}`)
    return message
  })
}

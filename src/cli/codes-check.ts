// `numlet codes check`: whether answers stay the same when nothing of a message's meaning changes.
import { knownNames } from '../core/catalog/names.ts'
import { type Check, checkChanges } from '../core/codes/changes/check.ts'
import { extractCode } from '../core/codes/extract.ts'
import { type LabelledMessage, labelledOf, sourceOf } from '../core/codes/labelled.ts'
import { allNames } from '../core/messages/hints.ts'
import { Refusal } from './failure.ts'
import { linesOf } from './lines.ts'
import { printReport, type Shown } from './output.ts'

/** Of the answers to changed messages so many must stay right, in parts of a thousand. */
const minKeptPermille = 999
/** All wrong answers are kept in memory; more messages would fill it. */
const maxMessages = 100_000

/** Checks all messages of a file. Ends with 1 if too many answers change. */
export async function checkFile(path: string, shown: Shown): Promise<void> {
  const names = allNames()
  const check = checkChanges(await messagesOf(path), knownNames(), (message) => {
    return extractCode({ ...sourceOf(message), names }).code
  })
  printReport(shown, reportOf(check, shown.json === true))
  if (check.kept * 1000 < check.tried * minKeptPermille) process.exitCode = 1
}

async function messagesOf(path: string): Promise<LabelledMessage[]> {
  const messages: LabelledMessage[] = []
  for await (const lines of linesOf(path)) {
    for (const { at, text } of lines) {
      if (text?.trim() === '') continue
      const message = text === null ? 'is too long' : labelledOf(text)
      if (typeof message === 'string') throw new Refusal(`${path}, line ${at}: ${message}.`)
      messages.push(message)
    }
    if (messages.length > maxMessages)
      throw new Refusal(`${path} has more than ${maxMessages} messages. Check it in parts.`)
  }
  if (messages.length === 0) throw new Refusal(`${path} has no messages.`)
  return messages
}

/** The changed texts are long: only the JSON output has them. */
function reportOf({ messages, right, tried, kept, totals, departures }: Check, isJson: boolean) {
  return {
    messages,
    right,
    changed: tried,
    kept,
    kept_percent: percentOf(kept, tried),
    answers: departures.map(({ id, change, before, after, text }) => ({
      id,
      change,
      before,
      after,
      ...(isJson ? { text } : {}),
    })),
    changes: totals
      .filter((total) => total.tried > 0)
      .map((total) => ({
        change: total.change,
        tried: total.tried,
        kept: total.kept,
        kept_percent: percentOf(total.kept, total.tried),
      })),
  }
}

function percentOf(part: number, whole: number): string {
  // Rounded down: 100 means all of them.
  return whole === 0 ? '100.00' : (Math.floor((part / whole) * 10_000) / 100).toFixed(2)
}

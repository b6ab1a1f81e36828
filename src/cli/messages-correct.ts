// `numlet messages correct`: marks a message's code right, and adds the message to the operator's own corpus.
import type { Command } from 'commander'
import { correctMessage } from '../core/operating/correct-message.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { bigRowOf, naming } from './ids.ts'
import { printThing, type Reasoned, reasonedAct } from './output.ts'
import { openOwnCorpus } from './own-corpus.ts'
import { withSession } from './session.ts'

export function addCorrecting(noun: Command): void {
  reasonedAct(noun, 'correct', 'Mark the code of a message right, and add it to your own corpus')
    .argument('<message>', 'The message: its id or number', read.idOf('msg'))
    .option('--code <code>', 'The right code, which must be in the message')
    .option('--no-code', 'The message has no one-time code')
    .option('--corpus <file.jsonl>', 'Your corpus; corpus.jsonl in the data directory by default')
    .action(correct)
}

/** Without an option `code` is undefined, and false after `--no-code`. */
type Wanted = Reasoned & { code?: string | boolean; corpus?: string }

function correct(text: string, wanted: Wanted, command: Command) {
  const code = wanted.code
  if (command.getOptionValueSource('code') !== 'cli' || code === undefined || code === true)
    command.error('error: name one of --code and --no-code', { exitCode: 2 })
  return withSession(async ({ db, ids, by, now, config }) => {
    const messageId = bigRowOf(ids, 'msg', text)
    const corpus = await openOwnCorpus(config.dataDir, wanted.corpus)
    try {
      const correction = { messageId, code: code === false ? null : (code as string) }
      const correcting = correctMessage(db, now(), by(wanted.reason), correction)
      const done = await naming('msg', text, correcting)
      const fault = done.line === null ? null : await faultOf(corpus.add(done.line))
      printThing(wanted, {
        message_id: ids.toToken('msg', messageId),
        order_id: done.order === null ? null : ids.toToken('ord', done.order.id),
        state: done.order?.state ?? null,
        changed: done.changed,
        has_code: done.hasCode,
        corpus: done.line === null || fault !== null ? null : corpus.path,
        line: done.line === null ? null : wanted.json ? JSON.parse(done.line) : done.line,
      })
      if (fault !== null) throw new Refusal(unwritten(corpus.path, fault))
    } finally {
      await corpus.close()
    }
  })
}

/** What went wrong; null if nothing did. */
const faultOf = (work: Promise<void>): Promise<string | null> =>
  work.then(
    () => null,
    (error: Error) => error.message,
  )

/** The line itself is in the output, once. */
const unwritten = (path: string, fault: string) =>
  `The code is corrected, but its line is not whole in ${path}: ${fault}. ` +
  'Remove what is there of it, and add the line that this command has printed.'

// The thread in which mails are taken apart: what takes too long, or all memory, ends here.
import { parentPort } from 'node:worker_threads'
import { BadMail, parseMail } from './parse.ts'
import type { FromWorker, ParseRequest } from './parser.ts'

const port = parentPort
if (!port) throw new Error('this file is a worker’s')

const post = (message: FromWorker) => port.postMessage(message)

async function answerAll(requests: readonly ParseRequest[]): Promise<void> {
  // @NOTE one after the other: the first without an answer is the one that takes the time
  for (const { id, raw } of requests)
    await parseMail(raw).then(
      (mail) => post({ id, mail }),
      (error: unknown) =>
        post({
          id,
          isBad: error instanceof BadMail,
          reason: error instanceof Error ? error.message : '',
        }),
    )
}

port.on('message', (requests: readonly ParseRequest[]) => void answerAll(requests))
post('ready')

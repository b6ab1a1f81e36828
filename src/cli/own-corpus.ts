// The operator's own corpus: a file of labelled messages. If it is created here, nobody else can read it.
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Refusal } from './failure.ts'

export type OwnCorpus = {
  readonly path: string
  /** Adds a line, and resolves once it is on the disk. @throws Error if it is not, or not all of it */
  add(line: string): Promise<void>
  close(): Promise<void>
}

const fileName = 'corpus.jsonl'

/** Opens the file before anything is changed, so that a line is not lost because it cannot be written.
 * @throws Refusal */
export async function openOwnCorpus(
  dataDir: string,
  named: string | undefined,
): Promise<OwnCorpus> {
  const path = resolve(named ?? join(dataDir, fileName))
  const file = await openForLines(path, named === undefined).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Refusal(`${path} cannot be written: ${error.message}.`)
    },
  )
  return {
    path,
    async add(line) {
      const bytes = Buffer.from(`${line}\n`)
      // One write: lines of two commands do not mix.
      const { bytesWritten } = await file.write(bytes)
      if (bytesWritten < bytes.length)
        throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`)
      await file.sync()
    },
    close: () => file.close(),
  }
}

async function openForLines(path: string, isOurs: boolean) {
  if (isOurs) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return open(path, 'a', 0o600)
}

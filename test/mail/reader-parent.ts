// A program for a test: it has mail read that takes long, and may be killed meanwhile.
import { mailReader } from '../../src/supply/smtp/reader.ts'
import { slowMail } from './hostile-mails.ts'

const reader = mailReader({ cpuLimitMs: 60_000, lost: () => {} })
const raw = new TextEncoder().encode(slowMail())
process.stdout.write('ready\n')
for (;;)
  await Promise.all(
    [1, 2, 3].map((accountId) =>
      reader.read({
        raw,
        sender: '',
        searches: [{ accountId, pattern: null, rules: [] }],
        networks: [],
      }),
    ),
  )

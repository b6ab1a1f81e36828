// A migration in a process of its own, which a test may kill: `node migrate-child.ts URL FOLDER`.
import { openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const db = openDatabase({ url, poolSize: 3, kind: 'migrations' })
try {
  const progress = (line: string) => process.stderr.write(`${line}\n`)
  process.stdout.write(`${JSON.stringify(await migrate(db, { folder, progress }))}\n`)
} finally {
  await db.end()
}

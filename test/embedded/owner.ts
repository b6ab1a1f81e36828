// A process that owns an embedded PostgreSQL until SIGTERM, for tests that need one they can kill; speaks JSON lines.
import { startEmbedded } from '../../src/db/embedded/embedded.ts'

const [dataDir = ''] = process.argv.slice(2)
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

try {
  const database = await startEmbedded({ dataDir, progress: (progress) => say({ progress }) })
  process.once('SIGTERM', () => database.stop().then(() => say({ stopped: true })))
  say({ url: database.url, adopted: database.adopted })
} catch (error) {
  say({ refused: (error as Error).name, message: (error as Error).message })
}

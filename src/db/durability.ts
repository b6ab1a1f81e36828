// Refuses databases that may lose committed data: they are unfit for money.
import type { Database } from './database.ts'

/** The server's settings or version are unfit for Numlet. */
class UnfitDatabase extends Error {}

const oldestVersion = 150_000

/** @throws UnfitDatabase if a crash could lose committed data, or PostgreSQL is older than 15 */
export async function assertDurable(db: Database): Promise<void> {
  const [settings] = await db.query<Record<string, string>>(
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
            current_setting('synchronous_commit') as synchronous_commit,
            current_setting('server_version_num') as version`,
  )
  if (!settings) throw new UnfitDatabase('The database returned no settings.')
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit'])
    if (settings[name] === 'off')
      throw new UnfitDatabase(
        `The database has ${name} = off: a crash would lose orders and money. Turn it on to run Numlet.`,
      )
  if (Number(settings.version) < oldestVersion)
    throw new UnfitDatabase('Numlet needs PostgreSQL 15 or later.')
}

// The embedded database of a program that a test has started, to look into it from outside.
import { type Database, openDatabase } from '../../src/db/database.ts'
import { findEmbedded } from '../../src/db/embedded/embedded.ts'

/** Runs `work` on the database of a data directory, and releases it. */
export async function withEmbedded<T>(
  dataDir: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase({ url: (await findEmbedded(dataDir)) as string, poolSize: 2 })
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}

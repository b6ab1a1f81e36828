// Starts one embedded PostgreSQL for the whole test run. Each test file creates databases on it.
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded/embedded.ts'
import { dropAbandoned, dropScratch, newScratch } from './scratch.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a superuser connection, from `inject('databaseUrl')`. */
    databaseUrl: string
  }
}

/** Provides `databaseUrl`: the server of NUMLET_TEST_DATABASE_URL, otherwise one for this run only. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env.NUMLET_TEST_DATABASE_URL
  if (existing) {
    project.provide('databaseUrl', existing)
    return async () => {}
  }
  await dropAbandoned()
  const dataDir = await newScratch()
  try {
    const database = await startEmbedded({ dataDir, progress: () => {} })
    project.provide('databaseUrl', database.url)
    return async () => {
      await database.stop()
      await dropScratch(dataDir)
    }
  } catch (error) {
    await dropScratch(dataDir)
    throw error
  }
}

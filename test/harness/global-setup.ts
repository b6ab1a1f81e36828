// Starts one embedded PostgreSQL for the whole test run; each test file makes databases of its own on it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/db/embedded/embedded.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a superuser's connection; get it by `inject('databaseUrl')`. */
    databaseUrl: string
  }
}

/** Provides `databaseUrl`: the server of NUMLET_TEST_DATABASE_URL, else one that lives as long as the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env.NUMLET_TEST_DATABASE_URL
  if (existing) {
    project.provide('databaseUrl', existing)
    return async () => {}
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'numlet-test-'))
  const lines: string[] = []
  const database = await startEmbedded({ dataDir, progress: (line) => lines.push(line) }).catch(
    async (error) => {
      await rm(dataDir, { recursive: true, force: true })
      throw error
    },
  )
  project.provide('databaseUrl', database.url)
  return async () => {
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

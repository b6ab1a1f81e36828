// Clusters for tests of promotions and restores: embedded databases, copies of them, and standbys.
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { openDatabase } from '../../src/db/database.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../src/db/embedded/embedded.ts'
import { homeOf } from '../../src/db/embedded/home.ts'
import { findPostmaster } from '../../src/db/embedded/postmaster.ts'
import { migrate } from '../../src/db/migrate.ts'
import { installDemo } from '../../src/demo.ts'
import { testVault } from '../harness/database.ts'
import { killAll } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

export type Cluster = {
  readonly dataDir: string
  readonly url: string
  stop(): Promise<void>
  /** Ends it like a power cut, for good. */
  kill(): Promise<void>
}

const made: { readonly scratch: string; stop(): Promise<void> }[] = []

/** Ends and removes all clusters of a test file. */
export async function dropClusters(): Promise<void> {
  for (const { scratch, stop } of made.splice(0)) {
    await stop().catch(() => undefined)
    await dropScratch(scratch)
  }
}

/** A new cluster, or one in which a directory of files was put first. */
export async function openCluster(fill?: (cluster: string) => Promise<void>): Promise<Cluster> {
  const scratch = await newScratch()
  const dataDir = join(scratch, 'data')
  const home = homeOf(dataDir)
  let running: EmbeddedDatabase | null = null
  const stop = async () => {
    await running?.stop()
    running = null
  }
  made.push({ scratch, stop })
  await fill?.(home.cluster)
  running = await startEmbedded({ dataDir, progress: () => {} })
  const { url } = running
  return {
    dataDir,
    url,
    stop,
    kill: () => killCluster(dataDir, stop),
  }
}

async function killCluster(dataDir: string, stop: () => Promise<void>): Promise<void> {
  const postmaster = await findPostmaster(homeOf(dataDir))
  if (postmaster) killAll(postmaster.pid)
  // Its keeper would start it again.
  await stop()
}

/** Starts a stopped cluster again, where it is. */
export async function reopenCluster({ dataDir }: Cluster): Promise<Cluster> {
  const running = await startEmbedded({ dataDir, progress: () => {} })
  const stop = () => running.stop()
  made.push({ scratch: join(dataDir, '..'), stop })
  return { dataDir, url: running.url, stop, kill: () => killCluster(dataDir, stop) }
}

/** A standby made of the files of a stopped cluster.
 * @param startPrimary starts the primary that it follows; null: it waits where it is */
export function openStandby(
  of: Cluster,
  startPrimary: (() => Promise<Cluster>) | null,
): Promise<Cluster> {
  return openCluster(async (cluster) => {
    const source = homeOf(of.dataDir).cluster
    await cp(source, cluster, { recursive: true, preserveTimestamps: true })
    await rm(join(cluster, 'postmaster.pid'), { force: true })
    await writeFile(join(cluster, 'standby.signal'), '')
    if (startPrimary === null) return
    const { url } = await startPrimary()
    await writeFile(join(cluster, 'operator.conf'), `primary_conninfo = '${conninfo(url)}'\n`)
  })
}

function conninfo(url: string): string {
  const { username, password, port, searchParams } = new URL(url)
  return `user=${username} password=${password} host=${searchParams.get('host')} port=${port}`
}

/** The schema with the demo's numbers and offers. */
export async function fill({ url }: Pick<Cluster, 'url'>): Promise<void> {
  const db = openDatabase({ url, poolSize: 2 })
  try {
    await migrate(db)
    await db.begin((tx) => installCatalog(tx, new Date()))
    await installDemo(db, new Date(), testVault)
  } finally {
    await db.end()
  }
}

/** Makes a standby the primary. */
export async function promote({ url }: Cluster): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 })
  try {
    await db.query('select pg_promote()')
  } finally {
    await db.end()
  }
}

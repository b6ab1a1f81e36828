// The files of the schema: migrations and functions, and the steps of migrations that run online.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

export type SqlFile = { readonly name: string; readonly sql: string; readonly checksum: string }

/** Reads the SQL files of a folder, in the order of their names. */
export async function sqlFiles(folder: string): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(`${folder}${name}`, 'utf8')
      return { name, sql, checksum: checksumOf(sql) }
    }),
  )
}

const checksumOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** A migration that the program before it can go on with says so in a line of its own. */
const compatibleMark = /^-- compatible with the version before$/m

export const isCompatible = (file: SqlFile) => compatibleMark.test(file.sql)

/** A part of a migration that runs online:
 * - `statements`: one short transaction;
 * - `batches`: one statement, repeated in a transaction each time. Its parameter is the position where the
 *   last one ended, first null; it returns `done`, the number of rows, and `position`, null at the end;
 * - `index`: one `create index concurrently`;
 * - `partitions`: the same on each partition of orders, which the statement names with `orders_each`. */
export type Step = {
  readonly name: string
  readonly sql: string
  readonly checksum: string
} & (
  | { readonly kind: 'statements' | 'batches' }
  | { readonly kind: 'index' | 'partitions'; readonly index: string; readonly table: string }
)

/** A migration that runs online says so in a line of its own, and begins each step with one. */
const onlineMark = /^-- online$/m
const stepMark = /^-- step: (.+)$/gm
const batchesMark = /, in batches$/
const partitionsMark = /, on each partition of orders$/
const index =
  /^create\s+(?:unique\s+)?index\s+concurrently\s+(?<index>\w+)\s+on\s+(?:only\s+)?(?<table>\w+)[\s(]/i

/** How a step names the partition that it is at. */
export const eachPartition = 'orders_each'

/** The steps of a migration that runs online; null if it is an ordinary one. */
export function stepsOf(file: SqlFile): readonly Step[] | null {
  if (!onlineMark.test(file.sql)) return null
  const [, ...parts] = file.sql.split(stepMark)
  const steps: Step[] = []
  for (let at = 0; at + 1 < parts.length; at += 2)
    steps.push(toStep(parts[at] as string, parts[at + 1] as string))
  if (steps.length === 0) throw new Error(`${file.name} is online, and has no steps`)
  if (new Set(steps.map(({ name }) => name)).size < steps.length)
    throw new Error(`${file.name} has two steps of the same name`)
  return steps
}

function toStep(title: string, text: string): Step {
  const sql = text.replace(/^\s*--.*$/gm, '').trim()
  const name = title.replace(batchesMark, '')
  const step = { name, sql, checksum: checksumOf(sql) }
  if (batchesMark.test(title)) return { ...step, kind: 'batches' }
  const named = index.exec(sql)?.groups as { index: string; table: string } | undefined
  if (partitionsMark.test(title)) {
    if (named?.table !== eachPartition)
      throw new Error(`“${name}” builds no index on ${eachPartition}`)
    return { ...step, kind: 'partitions', ...named }
  }
  return named ? { ...step, kind: 'index', ...named } : { ...step, kind: 'statements' }
}

// The manifest of an archive: what it holds, and how that is checked.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { DomainError } from '../error.ts'
import type { ArchiveFolder } from './files.ts'
import { monthForm, type Span } from './month.ts'
import { type ArchivedTable, archivedTables } from './tables.ts'

const id = z.string().regex(/^\d{1,18}$/)
const span = z.strictObject({ from: id, to: id })
const count = z.int().min(0)

const table = z.strictObject({
  file: z.string().regex(/^[a-z_]{1,40}\.ndjson\.gz$/),
  rows: count,
  bytes: count,
  /** SHA-256 of the file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The sum of the first 64 bits (signed) of each line's SHA-256: of the rows, in any order. */
  rows_sum: z.string().regex(/^-?\d{1,30}$/),
  columns: z.array(
    z.tuple([z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), z.string().min(1).max(100)]),
  ),
})

const form = z.strictObject({
  format: z.literal(1),
  month: z.string().regex(monthForm),
  /** The platform that made it: another one refuses it. */
  installation: z.string().regex(/^[0-9a-f]{16}$/),
  /** The last migration of the schema. */
  schema: z.string().max(100),
  made_at: z.iso.datetime(),
  made_by: z.string().min(1).max(100),
  /** The ids that it covers. */
  orders: span,
  messages: span,
  /** How many messages have a text. */
  texts: count,
  tables: z.strictObject(
    Object.fromEntries(archivedTables.map((name) => [name, table])) as Record<
      ArchivedTable,
      typeof table
    >,
  ),
})

export type TableEntry = z.infer<typeof table>
export type Manifest = z.infer<typeof form>

const manifestName = 'manifest.json'
const maxBytes = 1_000_000

/** A manifest as it was read, with the hash by which the database knows it. */
export type KnownManifest = { readonly manifest: Manifest; readonly hash: Buffer }

/** Writes the last file of an archive: without it, the folder is none. @returns its hash */
export async function writeManifest(folder: ArchiveFolder, manifest: Manifest): Promise<Buffer> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await folder.writeText(manifestName, text)
  return hashOf(text)
}

/** @returns null if there is no archive in the folder
 * @throws invalid_request if the manifest cannot be read */
export async function findManifest(folder: ArchiveFolder): Promise<KnownManifest | null> {
  const text = await folder.readText(manifestName)
  if (text === null) return null
  const parsed = form.safeParse(text.length > maxBytes ? null : jsonOf(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue?.path.length ? `${issue.path.join('.')}: ` : ''
    throw unreadable(folder, `its ${manifestName} is not valid (${where}${issue?.message})`)
  }
  return { manifest: parsed.data, hash: hashOf(text) }
}

/** @throws not_found, invalid_request */
export async function readManifest(folder: ArchiveFolder): Promise<KnownManifest> {
  const found = await findManifest(folder)
  if (found === null)
    throw new DomainError(
      'not_found',
      `There is no archive in ${folder.path}: it has no ${manifestName}.`,
    )
  return found
}

export const unreadable = (folder: ArchiveFolder, why: string) =>
  new DomainError('invalid_request', `The archive in ${folder.path} cannot be used: ${why}.`)

const hashOf = (text: string) => createHash('sha256').update(text).digest()

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The ids that it covers. */
export const ordersIn = ({ orders: { from, to } }: Manifest): Span => ({
  from: BigInt(from),
  to: BigInt(to),
})

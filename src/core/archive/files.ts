// Where archives are kept: what is needed of files, which src/cli/archive-store.ts provides.
import { isUnavailable } from '../../db/errors.ts'
import type { Sum } from './tables.ts'

/** What is known of a file: its size and its SHA-256. */
export type FileFacts = { readonly bytes: number; readonly sha256: string }
/** And the sum of its lines, when it was read. */
export type ReadFacts = FileFacts & Sum

/** The folder of one archive. */
export type ArchiveFolder = {
  readonly path: string
  /** Writes batches of lines to a new compressed file, which only its owner may read, and syncs it. */
  writeLines(
    file: string,
    batches: AsyncIterable<readonly string[]>,
    signal: AbortSignal,
  ): Promise<FileFacts>
  /** Reads a compressed file to its end. @param use is called with some lines at a time */
  readLines(
    file: string,
    use: (lines: readonly string[]) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<ReadFacts>
  /** Writes a new small file, and syncs it. */
  writeText(file: string, text: string): Promise<void>
  /** @returns null if there is no such file */
  readText(file: string): Promise<string | null>
}

/** A directory of archives. A draft is an archive that is being written; it has no name yet. */
export type ArchiveStore = {
  /** Makes the directory, and removes drafts that killed commands have left. */
  prepare(): Promise<void>
  /** An empty draft for a month. */
  newDraft(month: string): Promise<ArchiveFolder>
  dropDraft(month: string): Promise<void>
  /** Gives a draft the name of its month. What has that name is removed, or gets another name. */
  keepDraft(month: string, before: 'remove' | 'rename'): Promise<ArchiveFolder>
  /** The folder of a month's archive, whether there is one or not. */
  folder(month: string): ArchiveFolder
}

/** Errors of the file system, of decompression, and of files that do not consist of lines.
 * @NOTE a lost connection to the database has codes of the operating system, too */
export const isFileError = (error: unknown): error is Error =>
  !isUnavailable(error) &&
  (error instanceof BadLines ||
    /^(?:E[A-Z]+|Z_[A-Z_]+)$/.test((error as { code?: string }).code ?? ''))

/** A file does not consist of lines of a usable length. */
export class BadLines extends Error {
  override readonly name = 'BadLines'
}

// Where the words come from: the lists in words/. The build of the package writes another module in place of
// this one, with the table as text, so that neither files nor time are needed for it.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { compileWords } from './word-compiler.ts'
import type { WordFiles } from './word-lists.ts'
import { type PackedWords, packWords, unpackWords } from './word-packing.ts'
import type { WordTable } from './word-table.ts'

const folder = new URL('./words/', import.meta.url)
/** What was compiled by an earlier process, for the next ones: it takes them a tenth of the time. */
const cacheFolder = new URL('../../../node_modules/.cache/numlet/', import.meta.url)
const cacheFile = new URL('words.json', cacheFolder)

type Cached = { readonly digest: string; readonly packed: PackedWords }

/** The words of all languages, compiled from their lists unless they are known from an earlier process. */
export function wordTable(): WordTable {
  const files = readFiles()
  const digest = digestOf(files)
  const known = readCache(digest)
  if (known) return known
  const table = compileWords(files)
  writeCache({ digest, packed: packWords(table) })
  return table
}

function readFiles(): WordFiles {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tsv'))
  return Object.fromEntries(
    names.sort().map((name) => [name.slice(0, -4), readFileSync(new URL(name, folder), 'utf8')]),
  )
}

/** Of the lists, and of the code that compiles them. */
function digestOf(files: WordFiles): string {
  const hash = createHash('sha256')
  for (const [name, text] of Object.entries(files)) hash.update(`${name}\n${text}\n`)
  for (const name of ['compiler', 'kinds', 'lists', 'packing', 'table'])
    hash.update(readFileSync(new URL(`./word-${name}.ts`, import.meta.url)))
  for (const name of ['fold', 'letters'])
    hash.update(readFileSync(new URL(`./${name}.ts`, import.meta.url)))
  return hash.digest('hex').slice(0, 32)
}

function readCache(digest: string): WordTable | null {
  try {
    const cached = JSON.parse(readFileSync(cacheFile, 'utf8')) as Cached
    return cached.digest === digest ? unpackWords(cached.packed) : null
  } catch {
    // There is none yet, or not a whole one: the lists are compiled.
    return null
  }
}

function writeCache(cached: Cached) {
  try {
    mkdirSync(cacheFolder, { recursive: true })
    // Others may read or write it at the same time, and must find all of it or nothing.
    const written = new URL(`words.json.${process.pid}`, cacheFolder)
    writeFileSync(written, JSON.stringify(cached))
    renameSync(written, cacheFile)
  } catch {
    // A folder that cannot be written to costs the next process some time, and nothing else.
  }
}

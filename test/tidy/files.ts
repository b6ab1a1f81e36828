// The repository's files, as the tidy tests read them: all that is ours, nothing that is fetched or made.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** What .gitignore names, and git's own folder. */
const ignored = /^(?:\.git|data)$|(?:^|\/)(?:node_modules|coverage|dist|dist\.new)$|\.log$/
const code = /\.(?:ts|tsx|mjs|sql)$/

export type Source = { readonly path: string; readonly lines: readonly string[] }

/** Every file's path from the repository's root, with `/` between its parts. */
export const paths: readonly string[] = pathsBelow('').sort()

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The files of code whose path begins with one of these; all files of code when none is named. */
export function sourcesIn(...beginnings: readonly string[]): Source[] {
  return paths
    .filter((path) => code.test(path))
    .filter((path) => beginnings.length === 0 || beginnings.some((one) => path.startsWith(one)))
    .map((path) => ({ path, lines: read(path).split('\n') }))
}

/** A line without its comments and without what its strings say: for rules on code alone. */
export function codeOf(line: string): string {
  if (/^\s*(?:\/\*|\*|\/\/|--)/.test(line)) return ''
  return line.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`/g, "''").replace(/ \/\/ .*$/, '')
}

/** What breaks a rule, a line each, and what to do about it: empty when nothing does. */
export const verdict = (advice: string, broken: readonly string[]): string =>
  broken.length === 0 ? '' : [advice, ...broken.map((one) => `  ${one}`), ''].join('\n')

function pathsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (ignored.test(path)) return []
    return entry.isDirectory() ? pathsBelow(path) : [path]
  })
}

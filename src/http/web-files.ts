// The built web application, read once: a fixed list of files, each with its packed forms.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type WebFile = {
  readonly type: string
  readonly etag: string
  /** Whether its name has a hash of its content. */
  readonly isImmutable: boolean
  readonly plain: Buffer
  readonly brotli: Buffer | null
  readonly gzip: Buffer | null
}

export type WebFiles = {
  readonly index: WebFile
  /** By path below the application's address, such as `assets/main-x1.js`. */
  readonly named: ReadonlyMap<string, WebFile>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

/** In a checkout it is where it was built; in the package it is beside the compiled program. */
const builtAt = fileURLToPath(
  new URL(extname(import.meta.url) === '.ts' ? '../../web/dist/' : '../web/', import.meta.url),
)

/** Reads the built application. @returns null if it has not been built */
export function readWebFiles(folder: string = builtAt): WebFiles | null {
  if (!existsSync(join(folder, 'index.html'))) return null
  const named = new Map<string, WebFile>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, '')
    named.set(name, readWebFile(path, type, name.startsWith('assets/')))
  }
  const index = named.get('index.html') as WebFile
  named.delete('index.html')
  return { index, named }
}

function readWebFile(path: string, type: string, isImmutable: boolean): WebFile {
  const plain = readFileSync(path)
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22)
  const packed = (ending: string) =>
    existsSync(`${path}.${ending}`) ? readFileSync(`${path}.${ending}`) : null
  return {
    type,
    etag: `"${hash}"`,
    isImmutable,
    plain,
    brotli: packed('br'),
    gzip: packed('gz'),
  }
}

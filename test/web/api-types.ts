// The types of the web application's client, from our own document: `npm run web:types` writes them.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeReference } from '../../src/reference.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where they are. */
export const typesFile = join(root, 'web/src/api/generated/schema.d.ts')

const firstLines = `// Types of the API, generated from its document by \`npm run web:types\`. Do not edit.
`

type Document = {
  readonly paths: Record<string, unknown>
  readonly webhooks?: unknown
  readonly components: Record<string, Record<string, unknown>>
}

/** @returns the types as they should be now */
export async function currentTypes(): Promise<string> {
  const document = ofNativeApi(JSON.parse(await writeReference(null)) as Document)
  const folder = await mkdtemp(join(tmpdir(), 'numlet-types-'))
  try {
    const [from, to] = [join(folder, 'openapi.json'), join(folder, 'schema.d.ts')]
    await writeFile(from, JSON.stringify(document))
    await run(process.execPath, [
      '--import',
      join(root, 'test/harness/typescript-5.mjs'),
      join(root, 'node_modules/openapi-typescript/bin/cli.js'),
      from,
      '-o',
      to,
    ])
    return firstLines + (await readFile(to, 'utf8'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The paths below /v1 and what they name: pages call nothing else. */
function ofNativeApi({ paths, webhooks: _, components, ...rest }: Document): Document {
  const own = Object.fromEntries(Object.entries(paths).filter(([path]) => /^\/v1\b/.test(path)))
  const named = new Set<string>()
  const follow = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/([^"]+)"/g)) {
      if (named.has(name)) continue
      named.add(name)
      const [kind = '', key = ''] = name.split('/')
      follow(components[kind]?.[key] ?? null)
    }
  }
  follow(own)
  const kept = Object.entries(components).map(([kind, entries]) => [
    kind,
    Object.fromEntries(Object.entries(entries).filter(([key]) => named.has(`${kind}/${key}`))),
  ])
  return { ...rest, paths: own, components: Object.fromEntries(kept) }
}

if (import.meta.main) await writeFile(typesFile, await currentTypes())

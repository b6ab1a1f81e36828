// The catalogue of texts: every text of the pages is in it, and Indonesian has all of them.
import { execFile } from 'node:child_process'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { builtWeb } from '../harness/web.ts'

const run = promisify(execFile)
const web = fileURLToPath(new URL('../../web/', import.meta.url))

describe('the texts', { timeout: 300_000 }, () => {
  let copy = ''
  beforeAll(async () => {
    await builtWeb()
    copy = await newScratch()
    await cp(join(web, 'src'), join(copy, 'src'), { recursive: true })
    await cp(join(web, 'lingui.config.ts'), join(copy, 'lingui.config.ts'))
    await cp(join(web, 'package.json'), join(copy, 'package.json'))
    await symlink(join(web, 'node_modules'), join(copy, 'node_modules'), 'dir')
    const program = join(web, 'node_modules/@lingui/cli/dist/lingui.js')
    await run(process.execPath, [program, 'extract', '--clean'], { cwd: copy })
  }, 300_000)
  afterAll(() => dropScratch(copy))

  const textsIn = async (folder: string, locale: string) => {
    const file = await readFile(join(folder, 'src/locales', `${locale}.po`), 'utf8')
    return [...file.matchAll(/^msgid ((?:"[^\n]*"\n)+)msgstr ((?:"[^\n]*"\n?)+)/gm)]
      .map(([, id = '', text = '']) => [id.replace(/"\n"/g, '').trim(), text.trim()] as const)
      .filter(([id]) => id !== '""')
  }

  it('are all in the catalogue: else pages show a hash in their place', async () => {
    const ids = async (folder: string) => (await textsIn(folder, 'en')).map(([id]) => id)
    const now = await ids(copy)
    expect(now.length).toBeGreaterThan(200)
    expect(await ids(web), 'Run npm run web:texts').toEqual(now)
  })

  it('are all in Indonesian', async () => {
    const missing = (await textsIn(web, 'id')).filter(([, text]) => text === '""')
    expect(missing.map(([id]) => id)).toEqual([])
  })
})

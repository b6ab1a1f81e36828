// The directory of archives: a file or a folder in the place of an archive is kept.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { archiveStore } from '../../src/cli/archive-store.ts'

const month = '2026-01'

it.each<[string, (path: string) => Promise<unknown>, string]>([
  ['a file', (path) => writeFile(path, 'not ours'), ''],
  [
    'a folder',
    async (path) => {
      await mkdir(path)
      await writeFile(join(path, 'notes.txt'), 'not ours')
    },
    'notes.txt',
  ],
])('keeps %s under the next name that nothing has', async (_, make, file) => {
  const directory = await mkdtemp(join(tmpdir(), 'numlet-store-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const store = archiveStore(directory)
  const folder = join(directory, month)
  await make(folder)
  await writeFile(`${folder}.before-1`, 'an older one')
  await mkdir(`${folder}.before-2`)
  const draft = await store.newDraft(month)
  await draft.writeText('manifest.json', 'ours')
  await store.keepDraft(month, 'rename')
  expect(await store.folder(month).readText('manifest.json')).toBe('ours')
  expect(await readFile(`${folder}.before-1`, 'utf8')).toBe('an older one')
  expect(await readFile(join(`${folder}.before-3`, file), 'utf8')).toBe('not ours')
})

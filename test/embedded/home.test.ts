// B6: a data directory that cannot be created is refused at once.
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { explainFileError, homeOf, makeHome } from '../../src/db/embedded/home.ts'

describe('the data directory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numlet-home-'))
  afterAll(() => rm(folder, { recursive: true }))

  it('is created with its parents, once, also by several at a time', async () => {
    const home = homeOf(join(folder, 'a/b/c'))
    const made = await Promise.all([makeHome(home), makeHome(home), makeHome(home)])
    expect(made.filter((first) => first !== undefined)).toContain(join(folder, 'a'))
    expect(await readdir(join(folder, 'a/b'))).toEqual(['c'])
    expect(await makeHome(home)).toBeUndefined()
  })

  it.runIf(process.platform === 'linux')('cannot be below /proc', async () => {
    const home = homeOf('/proc/numlet/data')
    const error = await makeHome(home).catch((error) => explainFileError(error, home))
    expect(String(error)).toContain(
      '/proc/numlet cannot be created there (ENOENT): set NUMLET_DATA',
    )
  })

  it('cannot be below a file or a link to nothing', async () => {
    await writeFile(join(folder, 'file'), '')
    await symlink(join(folder, 'nowhere/at/all'), join(folder, 'link'))
    for (const place of ['file', 'file/data', 'link', 'link/data']) {
      const home = homeOf(join(folder, place))
      await expect(makeHome(home)).rejects.toMatchObject({ code: 'EEXIST' })
    }
    expect((await readdir(folder)).sort()).toEqual(['a', 'file', 'link'])
  })
})

// B6: a data directory that cannot be created is refused at once.
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { explainFileError, homeOf, makeHome } from '../../src/db/embedded/home.ts'

describe('B6: the data directory', async () => {
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
    await symlink(join(folder, 'file'), join(folder, 'to-file'))
    const file = join(folder, 'file')
    const toNothing =
      `${join(folder, 'link')} is a link to ${join(folder, 'nowhere/at/all')}, which does not exist. ` +
      'Create that directory, remove the link, or set NUMLET_DATA to another directory.'
    const aFile = `${file} must be a directory, but it is a file. Move it, or set NUMLET_DATA`
    const toFile = `${join(folder, 'to-file')} must be a directory, but it is a link to a file. Move it`
    const nothing =
      '/dev/null must be a directory, but it is something else. Move it, or set NUMLET_DATA'
    for (const [place, says] of [
      [file, aFile],
      [join(file, 'data'), aFile],
      [join(file, 'data/deeper'), aFile],
      [join(folder, 'link'), toNothing],
      [join(folder, 'link/data'), toNothing],
      [join(folder, 'to-file'), toFile],
      ['/dev/null', nothing],
      ['/dev/null/data', nothing],
    ] as const) {
      const home = homeOf(place)
      const error = await makeHome(home).catch((error) => error)
      expect(error).toMatchObject({ code: 'EEXIST' })
      expect(String(explainFileError(error, home)), place).toContain(says)
    }
    expect((await readdir(folder)).sort()).toEqual(['a', 'file', 'link', 'to-file'])
  })

  it('is told to be a file, too, where a file in it is read or written', async () => {
    const home = homeOf(join(folder, 'file'))
    const error = await readFile(home.facts).catch((error) => error)
    expect(error).toMatchObject({ code: 'ENOTDIR' })
    expect(String(explainFileError(error, home))).toContain(
      `${home.dataDir} must be a directory, but it is a file.`,
    )
  })
})

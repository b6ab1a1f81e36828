// The arrows between the parts of src: they point inward, from the rims to the core, and from it to db.
import { dirname, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read, type Source, sourcesIn, verdict } from './files.ts'

type Layer = {
  /** Paths below src that it may import besides its own folder. */
  readonly inner: readonly string[]
  /** Packages that it may import besides Node's own modules. */
  readonly packages: readonly string[]
}

const layers: Readonly<Record<string, Layer>> = {
  db: { inner: ['command-name.ts'], packages: ['pg'] },
  core: {
    inner: ['db/'],
    packages: [
      ...['zod', 'libphonenumber-js', 're2js', 'fastest-levenshtein', 'entities', 'otplib'],
      '@simplewebauthn/server',
    ],
  },
  http: {
    inner: [
      ...['core/', 'db/errors.ts', 'db/gather.ts', 'db/shares.ts'],
      ...['push/form.ts', 'app.ts', 'log.ts', 'node-watch.ts', 'measurements.ts'],
    ],
    packages: [
      'fastify',
      'fastify-type-provider-zod',
      'zod',
      '@fastify/swagger',
      '@scalar/fastify-api-reference',
      'prom-client',
      'qrcode',
    ],
  },
  dialects: {
    inner: ['core/', 'http/', 'push/form.ts', 'app.ts'],
    packages: ['fastify', 'fastify-type-provider-zod', 'zod', 'qrcode'],
  },
  isolation: { inner: [], packages: [] },
  supply: {
    inner: ['core/', 'http/', 'engine/', 'isolation/', 'db/database.ts', 'app.ts', 'trouble.ts'],
    packages: [
      ...['fastify', 'fastify-type-provider-zod', 'zod'],
      ...['smtp-server', 'iconv-lite', 'sanitize-html', 'entities'],
    ],
  },
  engine: { inner: ['app.ts', 'trouble.ts'], packages: [] },
  mail: {
    inner: ['core/', 'db/database.ts', 'config.ts', 'log.ts', 'trouble.ts'],
    packages: ['nodemailer'],
  },
  push: {
    inner: ['core/', 'db/gather.ts', 'engine/', 'app.ts'],
    packages: ['request-filtering-agent'],
  },
  payments: {
    inner: ['core/', 'http/', 'engine/', 'app.ts'],
    packages: ['fastify', 'fastify-type-provider-zod', 'zod', 'stripe'],
  },
  jobs: { inner: ['core/', 'supply/', 'app.ts', 'trouble.ts'], packages: [] },
  cli: {
    inner: [
      ...['core/', 'db/', 'payments/', 'dialects/all.ts', 'supply/kinds.ts', 'supply/supplier.ts'],
      ...['supply/upstream.ts', 'supply/upstream-readings.ts', 'supply/simulator/platform/'],
      ...['command-name.ts', 'config.ts', 'demo.ts', 'roles.ts'],
    ],
    packages: ['commander'],
  },
}

/** Folders whose parts know nothing of each other. */
const separate = ['dialects', 'supply']
/** The files that put a folder's parts together. */
const lists = ['src/dialects/all.ts', 'src/supply/kinds.ts', 'src/supply/inbound.ts']
/** What the parts of a folder share. */
const shared = [
  ...['supplier', 'fields', 'bodies', 'signatures'],
  ...['upstream', 'upstream-settings', 'upstream-probe', 'answers', 'decimals', 'pages'],
  ...['http-client', 'conversation', 'adoption', 'upstream-readings', 'event-stream'],
].map((name) => `src/supply/${name}.ts`)

const importForms = [
  /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'/gm,
  /\bimport\('([^']+)'\)/g,
  /^import '([^']+)'/gm,
]

const importsOf = ({ lines }: Source): string[] =>
  importForms.flatMap((form) =>
    [...lines.join('\n').matchAll(form)].map(([, name]) => name as string),
  )

const layerOf = (path: string) => path.split('/')[1] as string
const partOf = (path: string) => path.split('/').slice(0, 3).join('/')

function isAllowed(from: string, imported: string): boolean {
  const { inner, packages } = layers[layerOf(from)] as Layer
  if (imported.startsWith('node:')) return true
  if (!imported.startsWith('.'))
    return packages.some((name) => imported === name || imported.startsWith(`${name}/`))
  const to = posix.join(dirname(from), imported)
  if (inner.some((one) => to.startsWith(`src/${one}`))) return true
  if (layerOf(to) !== layerOf(from)) return false
  if (lists.includes(from) || shared.includes(to)) return true
  return !separate.includes(layerOf(from)) || partOf(to) === partOf(from)
}

/** What can be reached from itself, by names of files or folders. */
function circlesIn(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map(arrows)
  const prune = (isOutside: (name: string, to: ReadonlySet<string>) => boolean): boolean => {
    const outside = [...left].filter(([name, to]) => isOutside(name, to))
    for (const [name] of outside) left.delete(name)
    return outside.length > 0
  }
  const leadsNowhere = (_name: string, to: ReadonlySet<string>) =>
    [...to].every((one) => !left.has(one))
  const isLedNowhere = (name: string) => [...left.values()].every((to) => !to.has(name))
  while (prune(leadsNowhere) || prune(isLedNowhere));
  return [...left.keys()].sort()
}

const targetsOf = (source: Source) =>
  importsOf(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(dirname(source.path), name))

describe('imports', () => {
  for (const layer of Object.keys(layers))
    it(`of src/${layer} point inward`, () => {
      const broken = sourcesIn(`src/${layer}/`).flatMap((source) =>
        importsOf(source)
          .filter((imported) => !isAllowed(source.path, imported))
          .map((imported) => `${source.path} imports ${imported}`),
      )
      const advice =
        `src/${layer} may import itself, ${JSON.stringify(layers[layer])} and node:*. Move what is shared ` +
        'inward (to core), or hand it in as an argument; docs/ARCHITECTURE.md says why:'
      expect(verdict(advice, broken)).toBe('')
    })

  it('go in no circle, from file to file', () => {
    const arrows = new Map(sourcesIn('src/').map((one) => [one.path, new Set(targetsOf(one))]))
    const advice =
      'These files import each other. Give what both need, often a type, a file of its own, or hand it in:'
    expect(verdict(advice, circlesIn(arrows))).toBe('')
  })

  it('go in no circle, from folder to folder of the core', () => {
    const arrows = new Map<string, Set<string>>()
    for (const source of sourcesIn('src/core/')) {
      const from = partOf(source.path)
      const to = targetsOf(source).map(partOf)
      arrows.set(from, new Set([...(arrows.get(from) ?? []), ...to].filter((one) => one !== from)))
    }
    const advice = 'These folders import each other. Hand in what one of them needs of the other:'
    expect(verdict(advice, circlesIn(arrows))).toBe('')
  })

  it('of src/dialects/all.ts name every dialect', () => {
    const folders = new Set(sourcesIn('src/dialects/').map(({ path }) => partOf(path)))
    const [list] = sourcesIn('src/dialects/all.ts') as [Source]
    const named = new Set(targetsOf(list).map(partOf))
    const missing = [...folders].filter((one) => !one.endsWith('.ts') && !named.has(one))
    expect(verdict('Add these dialects to src/dialects/all.ts:', missing)).toBe('')
  })

  it('of src/core reach no file, network or process', () => {
    const outside = /^node:(?:fs|dns|http|http2|https|tls|dgram|child_process|worker_threads)\b/
    const broken = sourcesIn('src/core/')
      // The catalog's own tables, the lists of words and of passwords are part of the program.
      .filter(
        ({ path }) =>
          path !== 'src/core/catalog/data/table.ts' &&
          path !== 'src/core/codes/word-source.ts' &&
          path !== 'src/core/people/frequent-passwords.ts',
      )
      .flatMap((source) =>
        importsOf(source)
          .filter((imported) => outside.test(imported))
          .map((imported) => `${source.path} imports ${imported}`),
      )
    expect(verdict('Do it outside of the core, and hand it in as an argument:', broken)).toBe('')
  })

  it('of the entry numlet/codes need nothing of Node, and what the build puts beside them', () => {
    const all = new Map(sourcesIn('src/').map((one) => [one.path, one]))
    const reached = new Set(['src/codes.ts'])
    // The build writes another file in its place.
    for (const path of reached)
      if (path !== 'src/core/codes/word-source.ts')
        for (const target of targetsOf(all.get(path) as Source))
          if (target.endsWith('.ts')) reached.add(target)
    const broken = [...reached]
      .filter((path) => path !== 'src/core/codes/word-source.ts')
      .flatMap((path) =>
        importsOf(all.get(path) as Source)
          .filter((name) => !name.startsWith('.') && name !== 'entities/decode')
          .map((name) => `${path} imports ${name}`),
      )
    expect(reached.size).toBeGreaterThan(20)
    expect(verdict('Browsers load these files as they are; do without:', broken)).toBe('')
  })

  it('know every folder of src', () => {
    const folders = new Set(sourcesIn('src/').map(({ path }) => layerOf(path)))
    const unknown = [...folders].filter((name) => !name.endsWith('.ts') && !(name in layers))
    const advice = 'Say in test/tidy/imports.test.ts what these folders of src may import:'
    expect(verdict(advice, unknown)).toBe('')
  })

  it('of web/src stay in it: pages know the API by its document, and nothing of src', () => {
    const { dependencies } = JSON.parse(read('web/package.json')) as {
      dependencies: Record<string, string>
    }
    const isOwn = (name: string) =>
      Object.keys(dependencies).some((one) => name === one || name.startsWith(`${one}/`))
    const broken = sourcesIn('web/src/').flatMap((source) =>
      importsOf(source)
        .filter((name) => {
          if (!name.startsWith('.')) return !isOwn(name)
          return !posix.join(dirname(source.path), name).startsWith('web/src/')
        })
        .map((name) => `${source.path} imports ${name}`),
    )
    const advice =
      'web/src may import itself and the dependencies of web/package.json. What a page needs from the ' +
      'server is a call of the API (web/src/api/client.ts):'
    expect(verdict(advice, broken)).toBe('')
  })

  it('end in .ts where they are ours, so that Node runs them as they are', () => {
    const broken = sourcesIn('src/', 'test/', 'bench/').flatMap((source) =>
      importsOf(source)
        .filter((name) => name.startsWith('.') && !/\.(?:ts|mjs|json)$/.test(name))
        .map((name) => `${source.path} imports ${name}`),
    )
    expect(verdict('Write the whole file name, with .ts:', broken)).toBe('')
  })
})

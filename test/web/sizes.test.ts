// What the first view of the web application weighs, as browsers load it.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { builtWeb } from '../harness/web.ts'

const dist = fileURLToPath(new URL('../../web/dist/', import.meta.url))
const maxScriptBytes = 170_000
const maxStyleBytes = 20_000

/** What a file costs on the wire: packed by brotli where that was worth it. */
function weight(name: string): number {
  const path = join(dist, name)
  return statSync(`${path}.br`, { throwIfNoEntry: false })?.size ?? statSync(path).size
}

/** The files that a module loads before it runs, and theirs. */
function reachable(names: readonly string[], seen = new Set<string>()): Set<string> {
  for (const name of names.filter((one) => !seen.has(one))) {
    seen.add(name)
    const code = readFileSync(join(dist, name), 'utf8')
    const imports = [...code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)]
    reachable(
      imports.map(([, file]) => `assets/${file}`),
      seen,
    )
  }
  return seen
}

const total = (names: Iterable<string>) => [...names].reduce((sum, one) => sum + weight(one), 0)

describe('the first view', { timeout: 300_000 }, () => {
  let page = ''
  let assets: string[] = []
  beforeAll(async () => {
    await builtWeb()
    page = readFileSync(join(dist, 'index.html'), 'utf8')
    assets = readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)
  }, 300_000)

  const named = (ending: string) =>
    [...page.matchAll(/(?:src|href)="\/app\/(assets\/[^"]+)"/g)]
      .map(([, name]) => name as string)
      .filter((name) => name.endsWith(ending))
  const chunk = (name: string) =>
    assets.filter((one) => new RegExp(`^assets/${name}-[\\w-]{8}\\.js$`).test(one))

  it('has at most 170 kB of scripts and 20 kB of styles: the frame, Home and the texts', () => {
    const home = chunk('home')
    const texts = chunk('en')
    expect([home.length, texts.length]).toEqual([1, 1])
    const scripts = reachable([...named('.js'), ...home, ...texts])
    expect(scripts.size).toBeGreaterThan(3)
    expect(total(scripts)).toBeLessThanOrEqual(maxScriptBytes)
    const styles = assets.filter((one) => one.endsWith('.css'))
    expect(total(named('.css'))).toBeLessThanOrEqual(maxStyleBytes)
    // Even all of them together, those of other pages, too.
    expect(total(styles)).toBeLessThanOrEqual(maxStyleBytes)
  })

  it('has a chunk for each page, and nothing inline', () => {
    for (const name of [
      'home',
      'buy',
      'orders',
      'order',
      'rentals',
      'conversation',
      'wallet',
      'requests',
      'examples',
      'usage',
      'settings',
      'sign-in',
      'sign-up',
      'invitation',
    ])
      expect(chunk(name).length, name).toBe(1)
    expect(page).not.toMatch(/<style|<script(?![^>]*src=)|\sstyle=|\son\w+=/)
  })
})

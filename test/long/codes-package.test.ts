// The package's entry `numlet/codes`: in an empty folder without any other package, and in a browser.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CodeSource, type Extraction, extractCode } from '../../src/core/codes/extract.ts'
import { own } from '../codes/corpus.ts'
import { chromiumPath, openBrowser } from '../harness/browser.ts'
import { root } from '../tidy/files.ts'
import { tool } from './packaged.ts'

/** Of each kind and language some. */
const step = Math.floor(own.length / 250)
const messages: readonly CodeSource[] = own
  .filter((_, i) => i % step === 0)
  .map(({ text, channel, sender = null, subject = null }) => ({ text, channel, sender, subject }))
const expected = messages.map((message) => extractCode(message))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'numlet-codes-'))
  const said = await tool('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  const [{ filename }] = JSON.parse(said) as [{ filename: string }]
  const installed = join(folder, 'node_modules/numlet')
  await mkdir(installed, { recursive: true })
  await tool('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('has messages of every kind to compare answers on', () => {
  expect(messages.length).toBeGreaterThanOrEqual(200)
  expect(messages.filter(({ channel }) => channel === 'email').length).toBeGreaterThan(10)
  expect(expected.filter(({ code }) => code === null).length).toBeGreaterThan(20)
})

describe('numlet/codes', () => {
  it('answers in Node as the server does, without any other package', async () => {
    await writeFile(join(folder, 'messages.json'), JSON.stringify(messages))
    await writeFile(
      join(folder, 'ask.js'),
      `import { readFileSync } from 'node:fs'
       import { extractCode } from 'numlet/codes'
       const messages = JSON.parse(readFileSync('messages.json', 'utf8'))
       process.stdout.write(JSON.stringify(messages.map((message) => extractCode(message))))`,
    )
    const answers = await tool(process.execPath, ['ask.js'], { cwd: folder })
    expect(JSON.parse(answers)).toEqual(expected)
  })

  it('has its types', async () => {
    await writeFile(
      join(folder, 'typed.ts'),
      `import { type CodeSource, type Extraction, extractCode } from 'numlet/codes'
       const message: CodeSource = { text: 'Your code is 482913', channel: 'sms' }
       export const found: Extraction = extractCode(message)
       // @ts-expect-error: a code is text, or there is none.
       export const code: number = found.code`,
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
    await tool(process.execPath, [compiler, 'typed.ts', ...options, '--types', ''], { cwd: folder })
  })

  it.skipIf(chromiumPath === null)('answers in a browser as the server does', async () => {
    const server = await serve(folder)
    const browser = await openBrowser()
    try {
      const page = await browser.newPage()
      const failed: string[] = []
      page.on('pageerror', (error) => failed.push(String(error)))
      page.on('response', (one) => one.ok() || failed.push(`${one.status()} ${one.url()}`))
      const { port } = server.address() as AddressInfo
      await page.goto(`http://127.0.0.1:${port}/index.html`)
      await page.waitForFunction('"extractCode" in window')
      const answers: Extraction[] = await page.evaluate(
        (texts) => texts.map((text) => (globalThis as unknown as Extractor).extractCode(text)),
        messages,
      )
      expect(failed).toEqual([])
      expect(answers).toEqual(expected)
    } finally {
      await browser.close()
      server.close()
    }
  })
})

type Extractor = { extractCode(source: CodeSource): Extraction }

/** A page that imports the entry by its address, and the files below a folder as they are. */
async function serve(folder: string): Promise<Server> {
  const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">
    import { extractCode } from '/node_modules/numlet/dist/codes.js'
    window.extractCode = extractCode
  </script>`
  const types: Readonly<Record<string, string>> = {
    '.js': 'text/javascript',
    '.json': 'application/json',
  }
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    if (path === '/index.html') return response.setHeader('content-type', 'text/html').end(page)
    const file = await readFile(join(folder, path)).catch(() => null)
    if (file === null) return response.writeHead(404).end()
    return response
      .setHeader('content-type', types[extname(path)] ?? 'application/octet-stream')
      .end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

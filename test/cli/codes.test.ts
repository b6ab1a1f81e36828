// `numlet codes extract`: a JSON line in, a JSON line out, with no database and no environment.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { main, run } from './program.ts'

const wrongEnvironment = { DATABASE_URL: 'nonsense', PORT: 'nonsense' }

const extract = (lines: readonly unknown[], args: readonly string[] = ['-']) =>
  run(
    ['codes', 'extract', ...args],
    wrongEnvironment,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )

const answers = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

it('answers each message in order, with its own id', async () => {
  const { code, stdout, stderr } = await extract([
    { id: 'a', text: 'Your WhatsApp code: 482-917', sender: 'WhatsApp', channel: 'sms' },
    { id: 7, text: 'Lunch at noon?', channel: 'sms' },
    { text: 'G-583920 is your Google verification code.' },
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(answers(stdout)).toEqual([
    { id: 'a', code: '482917', confidence: expect.any(Number), runner_up: null },
    { id: 7, code: null, confidence: expect.any(Number), runner_up: null },
    { id: null, code: '583920', confidence: expect.any(Number), runner_up: null },
  ])
})

it('names lines that are no messages, skips them, and ends with 1', async () => {
  const { code, stdout, stderr } = await extract([
    '{"id": 1, "text": ',
    '',
    '[]',
    { id: 2 },
    { id: 3, text: 'Your code is 4471' },
  ])
  expect(code).toBe(1)
  expect(answers(stdout)).toEqual([expect.objectContaining({ id: 3, code: '4471' })])
  expect(stderr.trimEnd().split('\n')).toEqual([
    'line 1: is not JSON; skipped',
    'line 3: is not a JSON object; skipped',
    'line 4: has no "text"; skipped',
  ])
})

it('refuses a file that is not there', async () => {
  const outcome = await run(['codes', 'extract', '/nowhere/x.jsonl'], wrongEnvironment)
  expect(outcome).toEqual({
    code: 1,
    stdout: '',
    stderr: '/nowhere/x.jsonl cannot be read: there is no such file.\n',
  })
})

it('is fast: thousands of messages a second, all in order', async () => {
  const count = 20_000
  const lines = Array.from({ length: count }, (_, id) => ({
    id,
    text: `${100_000 + id} is your verification code for Example. Do not share it with anyone.`,
  }))
  const startedAt = Date.now()
  const { stdout } = await extract(lines)
  const tookMs = Date.now() - startedAt
  expect(answers(stdout).map((answer) => answer.id)).toEqual(lines.map((line) => line.id))
  // On an idle machine it takes well under a second; tests share theirs.
  expect(tookMs).toBeLessThan(10_000)
})

it('ends quietly when its reader has seen enough', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numlet-codes-'))
  const path = join(folder, 'many.jsonl')
  await writeFile(path, '{"id": 1, "text": "Your code is 4471"}\n'.repeat(200_000))
  const child = spawn(process.execPath, [main, 'codes', 'extract', path])
  const said = { stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.stderr += text
  })
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'close')
  await rm(folder, { recursive: true })
  expect({ code, ...said }).toEqual({ code: 0, stderr: '' })
})

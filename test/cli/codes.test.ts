// `numlet codes`: JSON lines in, answers or a report out, with no database and no environment.
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
  expect(tookMs).toBeLessThan(60_000)
})

it('ends quietly when its reader has seen enough', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'numlet-codes-'))
  const path = join(folder, 'many.jsonl')
  await writeFile(path, '{"id": 1, "text": "Your code is 4471"}\n'.repeat(40_000))
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

const check = (lines: readonly unknown[], args: readonly string[] = []) =>
  run(
    ['codes', 'check', '-', ...args],
    wrongEnvironment,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )

it('checks that harmless changes change no answer, and counts them', async () => {
  const { code, stdout, stderr } = await check([
    { id: 'a', text: 'Your verification code is 482917.', expected: '482917', lang: 'en' },
    { id: 'b', text: 'Lunch at noon?', expected: null },
    { id: 'c', text: 'Your code is 482917.', expected: '111111' },
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // The third is not answered rightly as it is, so nothing is said of its changes.
  expect(stdout).toMatch(/^messages +3\nright +2\nchanged +\d+\n/)
  expect(stdout).toMatch(/^digits: 4 +1 +1 +100\.00$/m)
  expect(stdout).toMatch(/^footer: stop +2 +2 +100\.00$/m)
  expect(stdout).toMatch(/^answers\nnone$/m)
})

it('names each answer that changed, and ends with 1 if they are too many', async () => {
  // The code is the last that is read of the head of a long text: anything before it pushes it out.
  const ending = 'Your code is 482917.'
  const head = 'blah '.repeat(1000).slice(0, 5000 - ending.length - 1)
  const text = `${head} ${ending} ${'blah '.repeat(800)}`
  const { code, stdout } = await check([{ id: 'x', text, expected: '482917' }], ['--json'])
  const report = JSON.parse(stdout)
  expect(code).toBe(1)
  const footed = report.answers.find(({ change }: { change: string }) => change === 'footer: team')
  const named = report.answers.find(({ change }: { change: string }) => change === 'brand: name:')
  expect(footed).toBeUndefined()
  expect([named.id, named.before, named.after]).toEqual(['x', '482917', null])
  expect(named.text.endsWith(text)).toBe(true)
  expect(report.changed - report.kept).toBe(report.answers.length)
})

it('refuses a file of which a line has no label', async () => {
  const outcome = await check([
    { id: 1, text: 'Your code is 4471', expected: '4471' },
    { id: 2, text: 'Hi' },
  ])
  expect(outcome).toEqual({
    code: 1,
    stdout: '',
    stderr: '-, line 2: has no "expected": the code, or null.\n',
  })
})

// What finding codes costs: time for each message, the start, memory, and hostile texts.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LabelledMessage } from '../src/core/codes/labelled.ts'
import { type Extractor, messageOf } from './codes-peers.ts'
import { median } from './measure.ts'

/** Rows begin with a name that has no column of its own. */
export type Table = {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const rounds = 5
const starts = 5
const hostileBytes = 1_000_000
const root = fileURLToPath(new URL('..', import.meta.url))

export function* costs(
  messages: readonly LabelledMessage[],
  extractors: readonly Extractor[],
): Generator<Table> {
  yield speeds(messages, extractors)
  yield hostileTable(extractors)
  yield startTable()
}

/** CPU time, so that other load on the machine counts little. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function speeds(messages: readonly LabelledMessage[], extractors: readonly Extractor[]): Table {
  const sets = {
    SMS: messages.filter(({ channel }) => channel === 'sms'),
    mail: messages.filter(({ channel }) => channel === 'email'),
    all: messages,
  }
  const columns: string[] = []
  const rows = extractors.map(({ name }) => [name])
  for (const [set, texts] of Object.entries(sets)) {
    columns.push(`${set} (${texts.length})`, 'ratio')
    const found = extractors.map((): number[] => [])
    // Each of them in turn, so that a machine whose speed drifts favours none; the first round warms up.
    for (let round = 0; round <= rounds; round++)
      extractors.forEach((extractor, i) => {
        const figure = messagesPerSecond(extractor, texts)
        if (round > 0) found[i]?.push(figure)
      })
    const medians = found.map(median)
    const ours = medians[0] ?? 0
    rows.forEach((row, i) => {
      const figure = medians[i] ?? 0
      row.push(Math.round(figure).toLocaleString('en'), (ours / figure).toFixed(2))
    })
  }
  return { title: 'messages a second of CPU time; ratio: ours to it', columns, rows }
}

function messagesPerSecond({ codeIn }: Extractor, messages: readonly LabelledMessage[]): number {
  const start = cpuMs()
  for (const message of messages) codeIn(message)
  return (messages.length * 1000) / (cpuMs() - start)
}

/** Texts that are made to take long: each a piece that is repeated. */
const hostilePieces: Readonly<Record<string, string>> = {
  digits: '1',
  'digits and blanks': '1 ',
  'codes and words': 'your code is 482913 ',
  letters: 'a',
  dashes: 'A1-',
  blanks: ' ',
  'opening brackets': '<',
  tags: '<b>',
  'nested boxes': '<div class="a b" style="display:block">1',
  'tables that do not end': '<table><tr><td>1',
  entities: '&#49;&amp;',
  'style sheet': '<style>.a b{display:none}</style><p class=a>',
  'attributes that do not end': '<p a="',
  comments: '<!--',
  quotations: '\n> 1',
  addresses: 'a@a.',
  'combining marks': 'e\u0301\u0336',
  'compatibility forms': '\ufdfa',
  'words of many languages': 'код 代码 코드 κωδικός रमज ',
}

function hostileTable(extractors: readonly Extractor[]): Table {
  const columns = extractors.map(({ name }) => `${name}, ms`)
  const rows = Object.entries(hostilePieces).map(([name, piece]) => {
    const text = piece.repeat(Math.ceil(hostileBytes / piece.length))
    return [name, ...extractors.map((extractor) => hostileMs(extractor, text).toFixed(1))]
  })
  const worst = columns.map((_, i) => Math.max(...rows.map((row) => Number(row[i + 1]))))
  rows.push(['the worst', ...worst.map((ms) => ms.toFixed(1))])
  return { title: 'texts of 1 MB that are made to take long', columns, rows }
}

/** The least of three, as anything else that runs only adds to it. */
function hostileMs({ codeIn }: Extractor, text: string): number {
  const message = messageOf(text)
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 3 && least > 1; turn++) {
    const start = cpuMs()
    codeIn(message)
    least = Math.min(least, cpuMs() - start)
    if (least > 1000) break
  }
  return least
}

type Start = { readonly cpu: number; readonly rss: number }

/** In a process of its own: what importing it and reading the first message adds. */
function startTable(): Table {
  const build = spawnSync(process.execPath, ['run-build.mjs'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (build.status !== 0) throw new Error('the package could not be built')
  const rows = [
    startRow('numlet/codes', './dist/codes.js', 'extractCode({ text })'),
    startRow('numlet/codes in a checkout', './src/codes.ts', 'extractCode({ text })'),
    startRow('otp-message-extractor', 'otp-message-extractor', 'extractOTP(text)'),
    startRow('parse-otp-message', 'parse-otp-message', 'default(text)'),
  ]
  return { title: 'start: import and first message', columns: ['CPU, ms', 'memory, MB'], rows }
}

function startRow(name: string, module: string, call: string): string[] {
  const expression = `(await import('${module}')).${call}`
  const found = Array.from({ length: starts }, () => startOnce(expression))
  const cpu = median(found.map((one) => one.cpu))
  const rss = median(found.map((one) => one.rss))
  return [name, cpu.toFixed(0), (rss / 1024 / 1024).toFixed(1)]
}

function startOnce(expression: string): Start {
  const program = `
    const used = process.cpuUsage(), before = process.memoryUsage().rss, text = 'Your code is 482913';
    ${expression}
    const { user, system } = process.cpuUsage(used)
    console.log(JSON.stringify({ cpu: (user + system) / 1000, rss: process.memoryUsage().rss - before }))`
  const args = ['--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Start
}

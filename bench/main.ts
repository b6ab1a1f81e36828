// The benchmarks: `npm run -s bench -- [NAME] [--json]`.
import type { Table } from './codes-costs.ts'
import { openBenchServer } from './ground.ts'
import type { Result } from './measure.ts'

const benchmarks = {
  buy: async () => (await import('./buy.ts')).buy,
  poll: async () => (await import('./poll.ts')).poll,
  inbound: async () => (await import('./inbound.ts')).inbound,
  smpp: async () => (await import('./smpp.ts')).smpp,
  upstream: async () => (await import('./upstream.ts')).upstream,
  'code-to-client': async () => (await import('./code-to-client.ts')).codeToClient,
  mail: async () => (await import('./mail.ts')).mail,
  webhooks: async () => (await import('./webhooks.ts')).webhooks,
  streams: async () => (await import('./streams.ts')).streams,
  hostile: async () => (await import('./hostile.ts')).hostile,
  pages: async () => (await import('./pages.ts')).pages,
  growth: async () => (await import('./growth.ts')).growth,
  lists: async () => (await import('./lists.ts')).lists,
} as const

type Name = keyof typeof benchmarks

const args = process.argv.slice(2)
const json = args.includes('--json')
const words = args.filter((arg) => !arg.startsWith('-'))
/** Labelled messages for `codes`. */
const files = words.filter((arg) => arg.endsWith('.jsonl'))
const names = words.filter((arg) => !arg.endsWith('.jsonl'))
/** These have tables of their own, and run only if they are named. */
const apart = ['codes', 'history']
if (args.includes('--help') || args.includes('-h')) {
  const known = [...Object.keys(benchmarks), 'history', 'codes [FILE.jsonl]'].join(', ')
  process.stdout.write(`bench [NAME ...] [--json]; names: ${known}\n`)
  process.exit(0)
}
const unknown = names.find((name) => !apart.includes(name) && !Object.hasOwn(benchmarks, name))
if (unknown !== undefined) {
  process.stderr.write(
    `There is no benchmark ${unknown}. Benchmarks: ${[...Object.keys(benchmarks), ...apart].join(', ')}.\n`,
  )
  process.exit(2)
}
// It needs no server.
if (names.includes('codes')) await runCodes()
if (names.includes('history')) await runHistory()
const others = names.filter((name) => !apart.includes(name))
if (others.length > 0 || names.length === 0)
  await runAll((others.length > 0 ? others : Object.keys(benchmarks)) as Name[])

async function runAll(chosen: readonly Name[]) {
  const ground = await openBenchServer()
  try {
    for (const name of chosen) {
      process.stderr.write(`${name} ...\n`)
      const results = await (await benchmarks[name]())(ground)
      process.stdout.write(
        json ? `${JSON.stringify({ name, results })}\n` : `${table(name, results)}\n`,
      )
    }
  } finally {
    await ground.stop()
  }
}

async function runCodes() {
  process.stderr.write('codes ...\n')
  const { codes } = await import('./codes.ts')
  for (const one of codes(files)) print('codes', one)
}

async function runHistory() {
  process.stderr.write('history ...\n')
  const { history } = await import('./history.ts')
  const ground = await openBenchServer()
  try {
    for await (const one of history(ground)) print('history', one)
  } finally {
    await ground.stop()
  }
}

function print(name: string, one: Table) {
  process.stdout.write(
    json
      ? `${JSON.stringify({ name, ...one })}
`
      : `${markdown(one)}
`,
  )
}

function markdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = line(['', ...columns].map(() => '---'))
  return [title, '', line(['', ...columns]), rule, ...rows.map(line), ''].join('\n')
}

function table(name: string, results: readonly Result[]): string {
  const lines = results.map(
    (row) =>
      `  ${row.case.padEnd(32)} ${String(row.ours).padStart(9)} ${String(row.yardstick).padStart(9)} ${row.unit.padEnd(12)} ${row.ratio.toFixed(row.ratio < 0.1 ? 4 : 2)}`,
  )
  return [
    `${name}`,
    `  ${''.padEnd(32)} ${'ours'.padStart(9)} ${'yardstick'.padStart(9)}`,
    ...lines,
  ].join('\n')
}

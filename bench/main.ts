// The benchmarks: `npm run -s bench -- [NAME] [--json]`.
import { openBenchServer } from './ground.ts'
import type { Result } from './measure.ts'

const benchmarks = {
  buy: async () => (await import('./buy.ts')).buy,
  poll: async () => (await import('./poll.ts')).poll,
  inbound: async () => (await import('./inbound.ts')).inbound,
  'code-to-client': async () => (await import('./code-to-client.ts')).codeToClient,
  mail: async () => (await import('./mail.ts')).mail,
  webhooks: async () => (await import('./webhooks.ts')).webhooks,
  streams: async () => (await import('./streams.ts')).streams,
  hostile: async () => (await import('./hostile.ts')).hostile,
  growth: async () => (await import('./growth.ts')).growth,
} as const

type Name = keyof typeof benchmarks

const args = process.argv.slice(2)
const json = args.includes('--json')
const names = args.filter((arg) => !arg.startsWith('-'))
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(`bench [NAME ...] [--json]; names: ${Object.keys(benchmarks).join(', ')}\n`)
  process.exit(0)
}
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name))
if (unknown !== undefined) {
  process.stderr.write(
    `There is no benchmark ${unknown}. Benchmarks: ${Object.keys(benchmarks).join(', ')}.\n`,
  )
  process.exit(2)
}
const ground = await openBenchServer()
try {
  for (const name of (names.length > 0 ? names : Object.keys(benchmarks)) as Name[]) {
    process.stderr.write(`${name} ...\n`)
    const results = await (await benchmarks[name]())(ground)
    process.stdout.write(
      json ? `${JSON.stringify({ name, results })}\n` : `${table(name, results)}\n`,
    )
  }
} finally {
  await ground.stop()
}

function table(name: string, results: readonly Result[]): string {
  const lines = results.map(
    (row) =>
      `  ${row.case.padEnd(32)} ${String(row.ours).padStart(9)} ${String(row.yardstick).padStart(9)} ${row.unit.padEnd(12)} ${row.ratio.toFixed(2)}`,
  )
  return [
    `${name}`,
    `  ${''.padEnd(32)} ${'ours'.padStart(9)} ${'yardstick'.padStart(9)}`,
    ...lines,
  ].join('\n')
}

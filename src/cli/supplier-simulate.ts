// `numlet suppliers simulate`: a platform of play numbers and play money, to rehearse what others do wrong.
import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { randomText } from '../core/accounts/key.ts'
import type { Amount } from '../core/money.ts'
import { misbehaviours } from '../supply/simulator/platform/misbehaviour.ts'
import { startPlatform } from '../supply/simulator/platform/server.ts'
import * as read from './arguments.ts'
import { printReport, type Shown, verb } from './output.ts'
import { untilSignal } from './signals.ts'

export function addSimulate(noun: Command): void {
  verb(noun, 'simulate', 'Run a platform for rehearsals on this machine, until SIGINT or SIGTERM')
    .option('--port <number>', 'Port; 0 picks a free one', port, 4010)
    .addOption(
      new Option('--price <amount>', 'What a number costs there, in US dollars')
        .argParser(read.amount)
        .default(2_000n, '0.20'),
    )
    .addOption(
      new Option('--balance <amount>', 'Our balance there')
        .argParser(read.amount)
        .default(1_000_000n, '100'),
    )
    .option('--numbers <count>', 'How many numbers it has', read.count, 1_000)
    .option('--code-after <seconds>', 'How long after an order its code comes', read.count, 5)
    .action(simulate)
}

function port(text: string): number {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return number
  throw read.unfit('It must be a port number.')
}

type Wanted = Shown & {
  port: number
  price: Amount
  balance: Amount
  numbers: number
  codeAfter: number
}

function simulate(wanted: Wanted) {
  const { price, balance, numbers, codeAfter: codeAfterS } = wanted
  return untilSignal(async (signal) => {
    const key = randomText(40)
    const terms = { price, balance, numbers, codeAfterS, now: () => new Date() }
    const platform = await startPlatform(terms, { port: wanted.port, key })
    printReport(wanted, {
      ...{ kind: 'handler-api', url: platform.url, api_key: key },
      misbehaviours: Object.entries(misbehaviours).map(([name, what]) => ({ name, what })),
    })
    if (!signal.aborted) await once(signal, 'abort')
    await platform.stop()
  })
}

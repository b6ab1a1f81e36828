// What this process counts of its own work, for its metrics.
import type { Messages } from './core/messages/verbs.ts'
import { type CallCounts, callCounts } from './engine/counts.ts'

/** The upper bounds of the seconds from a message's arrival to the response that its order shows it. */
export const messageBoundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** Counts by upper bound; not added up. The last one is of values above all bounds. */
export type Spread = { readonly counts: number[]; sum: number }

export type JobRuns = {
  runs: number
  failures: number
  seconds: number
  /** The database's time of the end of the last run that succeeded; null: none yet. */
  succeededAt: Date | null
  lastSeconds: number
}

export type MessageCount = {
  readonly supplierId: number
  readonly channel: 'sms' | 'email'
  readonly state: string
  count: number
}

/** The upper bounds of the seconds until a supplier has answered a request for a number. */
export const askBoundsS = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30] as const

/** What was asked of a supplier. */
export type SupplyCount = {
  /** How often each answer came: `number`, `unknown`, or why there was none. */
  readonly verdicts: Map<string, number>
  readonly seconds: Spread
  sweeps: number
  sweepRequests: number
}

export type Measurements = {
  readonly calls: CallCounts
  readonly jobs: ReadonlyMap<string, JobRuns>
  ranJob(name: string, seconds: number, succeededAt: Date | null): void
  readonly messages: ReadonlyMap<string, MessageCount>
  readonly messageSeconds: ReadonlyMap<'sms' | 'email', Spread>
  /** By the suppliers' names. */
  readonly supply: ReadonlyMap<string, SupplyCount>
  asked(supplier: string, verdict: string, seconds: number): void
  /** Numbers of a supplier were read. @param requests how many this took */
  swept(supplier: string, requests: number): void
  /** The same verbs, which count. */
  ofMessages(verbs: Messages): Messages
}

const ownServer = 0

export function openMeasurements(): Measurements {
  const jobs = new Map<string, JobRuns>()
  const messages = new Map<string, MessageCount>()
  const messageSeconds = new Map<'sms' | 'email', Spread>()
  const count = (supplierId: number, channel: 'sms' | 'email', state: string) => {
    const name = `${supplierId} ${channel} ${state}`
    const one = messages.get(name) ?? { supplierId, channel, state, count: 0 }
    one.count++
    messages.set(name, one)
  }
  const took = (channel: 'sms' | 'email', seconds: number) => {
    const spread = messageSeconds.get(channel) ?? emptySpread(messageBoundsS)
    messageSeconds.set(channel, spread)
    add(spread, messageBoundsS, seconds)
  }
  return {
    ...ofSupply(),
    calls: callCounts(),
    jobs,
    messages,
    messageSeconds,
    ranJob(name, seconds, succeededAt) {
      const one = jobs.get(name) ?? {
        ...{ runs: 0, failures: 0, seconds: 0 },
        ...{ succeededAt: null, lastSeconds: 0 },
      }
      one.runs++
      one.seconds += seconds
      one.lastSeconds = seconds
      if (succeededAt === null) one.failures++
      else one.succeededAt = succeededAt
      jobs.set(name, one)
    },
    ofMessages: (verbs) => ({
      ...verbs,
      async receive(now, message) {
        const begun = performance.now()
        const receipt = await verbs.receive(now, message)
        count(message.supplierId, 'sms', receipt.duplicate ? 'duplicate' : receipt.state)
        if (receipt.state === 'delivered') took('sms', (performance.now() - begun) / 1_000)
        return receipt
      },
      async receiveMail(now, mail) {
        const begun = performance.now()
        const receipt = await verbs.receiveMail(now, mail)
        count(ownServer, 'email', receipt.duplicate ? 'duplicate' : receipt.state)
        if (receipt.state === 'delivered') took('email', (performance.now() - begun) / 1_000)
        return receipt
      },
    }),
  }
}

function ofSupply(): Pick<Measurements, 'supply' | 'asked' | 'swept'> {
  const supply = new Map<string, SupplyCount>()
  const of = (supplier: string): SupplyCount => {
    const one = supply.get(supplier) ?? {
      ...{ verdicts: new Map(), seconds: emptySpread(askBoundsS) },
      ...{ sweeps: 0, sweepRequests: 0 },
    }
    supply.set(supplier, one)
    return one
  }
  return {
    supply,
    asked(supplier, verdict, seconds) {
      const one = of(supplier)
      one.verdicts.set(verdict, (one.verdicts.get(verdict) ?? 0) + 1)
      add(one.seconds, askBoundsS, seconds)
    },
    swept(supplier, requests) {
      const one = of(supplier)
      one.sweeps++
      one.sweepRequests += requests
    },
  }
}

const emptySpread = (bounds: readonly number[]): Spread => ({
  counts: Array.from({ length: bounds.length + 1 }, () => 0),
  sum: 0,
})

function add(spread: Spread, bounds: readonly number[], seconds: number): void {
  const place = bounds.findIndex((bound) => seconds <= bound)
  const i = place < 0 ? bounds.length : place
  spread.counts[i] = (spread.counts[i] as number) + 1
  spread.sum += seconds
}

// Background jobs: one table of sweeps, each a verb that is safe to repeat and to run on many nodes.
import type { App } from '../app.ts'
import { forgetRateWindows } from '../core/accounts/rate-windows.ts'
import { forgetEvents } from '../core/events/events.ts'
import { forgetKeys } from '../core/idempotency/idempotency.ts'
import { forgetHours } from '../core/inbound/activity.ts'
import { forgetArrivals } from '../core/inbound/arrivals.ts'
import { forgetSplits } from '../core/inbound/parts.ts'
import { forgetRequests } from '../core/inbound/requests.ts'
import { forgetLeases, returnRestedNumbers } from '../core/inventory/inventory.ts'
import { purgeTexts } from '../core/messages/retention.ts'
import { keepMonths } from '../core/months/begin.ts'
import { countOfferDays, sumUpOffers } from '../core/orders/offer-statistics.ts'
import { countOutcomes, rateOffers } from '../core/orders/outcomes.ts'
import { countTotals } from '../core/orders/totals.ts'
import { keepDays } from '../core/request-log/days.ts'
import { forgetRoutings } from '../core/supply/routings.ts'
import { countSourceResults } from '../core/supply/source-results.ts'
import { restFailing } from '../core/upkeep/failing.ts'
import { countResults } from '../core/upkeep/results.ts'
import { rulesIn } from '../core/upkeep/rules.ts'
import { noteMessages, takeSilent } from '../core/upkeep/silent.ts'
import { forgetOrderEndpoints } from '../core/webhooks/order-endpoint.ts'
import { dropOrphans, forgetDeliveries } from '../core/webhooks/queue.ts'
import { fetchRates } from '../supply/exchange-rates/fetch.ts'
import { simulateMails } from '../supply/simulator/mails.ts'
import { simulateCodes } from '../supply/simulator/simulator.ts'
import { runTestServices } from '../supply/simulator/test-services.ts'
import { retryDelayMs } from '../trouble.ts'
import type { Job } from './job.ts'
import { peopleJobs } from './people.ts'

const dayMs = 24 * 60 * 60 * 1000
const eventDays = 30
/** Suppliers and customers retry for a day; idempotency records are kept for that long. */
const keyHours = 48
const leaseDays = 1
/** Late messages of an order are still sent, and its deliveries can be listed. */
const orderEndpointDays = 7
/** Vendors send a part again for a day. */
const partDays = 2
/** What was not known to be acknowledged is sent again when the connection is back. */
const arrivalDays = 1
const simulatedAfterS = 3

const before = (now: Date, ms: number) => new Date(now.getTime() - ms)

/** Runs the test services of the demo data: ends their orders in the documented ways. */
const testServicesJob: Job = {
  name: 'run-test-services',
  everyMs: 250,
  run: async (app, now) =>
    (await app.catalog.current()).testServices.length === 0
      ? 0
      : runTestServices(
          app.db,
          { receive: app.messages.receive, fail: app.orders.at(now).fail },
          now,
        ),
}

/** What becomes of numbers by their results. */
const upkeepJobs: readonly Job[] = [
  { name: 'count-results', everyMs: 5_000, run: (app) => countResults(app.db) },
  {
    name: 'note-messages',
    everyMs: 60_000,
    run: async ({ db, log }, now) => {
      const { back, isMore } = await noteMessages(db, now)
      if (back > 0) log.info({ numbers: back }, 'silent numbers had a message and are sold again')
      return isMore ? 1 : 0
    },
  },
  {
    name: 'rest-failing-numbers',
    everyMs: 60_000,
    run: async ({ db, log, settings }, now) => {
      const { rested, banned } = await restFailing(db, now, rulesIn(settings()))
      if (rested > 0)
        log.info({ numbers: rested }, 'numbers without messages rest from their services')
      if (banned > 0)
        log.warn({ numbers: banned }, 'numbers without messages are banned from their services')
      return rested + banned
    },
  },
  {
    name: 'take-silent-numbers',
    everyMs: 10 * 60_000,
    run: async ({ db, log, settings, troubles }, now) => {
      const { taken, heldBack } = await takeSilent(db, now, rulesIn(settings()))
      if (taken > 0) log.warn({ numbers: taken }, 'silent numbers are out of sale')
      const trouble = 'silent numbers'
      const facts = { still_for_sale: heldBack }
      if (heldBack === 0) troubles.worked(trouble)
      else troubles.failed({ trouble, who: 'job take-silent-numbers', facts })
      return 0
    },
  },
]

export const jobs: readonly Job[] = [
  testServicesJob,
  ...upkeepJobs,
  ...peopleJobs,
  {
    name: 'end-overdue-orders',
    everyMs: 1_000,
    run: (app, now) => app.orders.at(now).endOverdue(),
  },
  {
    name: 'remind-of-ends',
    everyMs: 10_000,
    run: (app, now) => app.orders.at(now).remindOfEnds(),
  },
  { name: 'expire-deposits', everyMs: 10_000, run: (app, now) => app.deposits.at(now).expire() },
  { name: 'count-totals', everyMs: 2_000, run: (app) => countTotals(app.db) },
  { name: 'count-outcomes', everyMs: 5_000, run: (app) => countOutcomes(app.db) },
  { name: 'count-offer-days', everyMs: 5_000, run: (app) => countOfferDays(app.db) },
  { name: 'sum-up-offers', everyMs: 5 * 60_000, run: (app, now) => sumUpOffers(app.db, now) },
  {
    name: 'rate-offers',
    everyMs: 60_000,
    run: (app, now) => rateOffers(app.db, now, app.settings().success_window_hours),
  },
  {
    name: 'count-source-results',
    everyMs: 5 * 60_000,
    run: (app, now) => countSourceResults(app.db, now),
  },
  {
    name: 'return-rested-numbers',
    everyMs: 60_000,
    run: (app, now) => returnRestedNumbers(app.db, now),
  },
  {
    name: 'purge-texts',
    everyMs: 60_000,
    run: (app, now) => purgeTexts(app.db, now, before(now, app.settings().retention_days * dayMs)),
  },
  {
    name: 'tidy-up-supply',
    everyMs: 1_000,
    run: async ({ supply, troubles }, now) => {
      const suppliers = await supply.noteRateMoves(now)
      const trouble = 'exchange rates of suppliers'
      const facts = { suppliers: suppliers.slice(0, 20).join(', ') }
      if (suppliers.length === 0) troubles.worked(trouble)
      else troubles.failed({ trouble, who: 'job tidy-up-supply', facts })
      return supply.tidyUp(now)
    },
  },
  {
    name: 'read-inbound-requests',
    everyMs: 5_000,
    run: (app, now) => app.inbound.finish(now),
  },
  {
    name: 'hand-out-parts',
    everyMs: 5_000,
    run: (app, now) => app.inbound.handOutDue(now),
  },
  {
    name: 'forget-inbound-requests',
    everyMs: 60_000,
    run: (app, now) => forgetRequests(app.db, before(now, app.settings().retention_days * dayMs)),
  },
  {
    name: 'forget-routings',
    everyMs: 60_000,
    run: (app, now) => forgetRoutings(app.db, before(now, app.settings().retention_days * dayMs)),
  },
  {
    name: 'forget-parts',
    everyMs: 60_000,
    run: (app, now) => forgetSplits(app.db, before(now, partDays * dayMs)),
  },
  {
    name: 'forget-arrivals',
    everyMs: 60_000,
    run: (app, now) => forgetArrivals(app.db, before(now, arrivalDays * dayMs)),
  },
  {
    name: 'forget-supplier-hours',
    everyMs: 10 * 60_000,
    run: (app, now) => forgetHours(app.db, before(now, eventDays * dayMs)),
  },
  {
    name: 'keep-request-log',
    everyMs: 60_000,
    run: (app, now) => keepDays(app.db, now, before(now, app.settings().request_log_days * dayMs)),
  },
  { name: 'begin-months', everyMs: 60_000, run: (app, now) => keepMonths(app.db, now) },
  {
    name: 'forget-leases',
    everyMs: 60_000,
    run: (app, now) => forgetLeases(app.db, before(now, leaseDays * dayMs)),
  },
  {
    name: 'forget-idempotency-keys',
    everyMs: 60_000,
    run: (app, now) => forgetKeys(app.db, before(now, keyHours * 60 * 60 * 1000)),
  },
  {
    name: 'fetch-rates',
    everyMs: 60_000,
    run: async (app, now) => {
      if (app.config.ratesUrl !== null)
        await fetchRates(app.db, now, app.config.ratesUrl, (currency) =>
          app.log.warn(
            { currency },
            'a fetched rate differs too much from the current one and was ignored',
          ),
        )
      return 0
    },
  },
  {
    name: 'forget-rate-windows',
    everyMs: 60_000,
    run: (app, now) => forgetRateWindows(app.db, now),
  },
  {
    name: 'forget-events',
    everyMs: 60_000,
    run: (app, now) => forgetEvents(app.db, before(now, eventDays * dayMs)),
  },
  {
    name: 'drop-orphaned-deliveries',
    everyMs: 60_000,
    run: (app, now) => dropOrphans(app.db, now),
  },
  {
    name: 'forget-endpoints-of-orders',
    everyMs: 10 * 60_000,
    run: (app, now) => forgetOrderEndpoints(app.db, before(now, orderEndpointDays * dayMs)),
  },
  {
    name: 'forget-deliveries',
    everyMs: 60_000,
    run: (app, now) => forgetDeliveries(app.db, before(now, eventDays * dayMs)),
  },
]

export const simulatorJob: Job = {
  name: 'simulate-codes',
  everyMs: 500,
  run: async (app, now) =>
    (await simulateCodes(app.db, app.messages.receive, now, simulatedAfterS)) +
    (await simulateMails(app.db, app.messages.receiveMail, now, simulatedAfterS)),
}

/** Jobs that each node runs for itself, whatever its role. */
export const nodeJobs: readonly Job[] = [
  {
    // Money that is held for a number that does not come is returned, also if no worker runs.
    name: 'fail-overdue-allocations',
    everyMs: 1_000,
    run: async (app, now) => (app.node.refusal() === null ? app.orders.at(now).failOverdue() : 0),
  },
  {
    name: 'look-at-database',
    everyMs: 1_000,
    run: async (app) => {
      await app.node.look()
      return 0
    },
  },
  {
    name: 'hold-ups',
    everyMs: 2_000,
    run: async ({ events, troubles }) => {
      await events.holdUps.look()
      const facts = events.holdUps.current()
      const trouble = 'events held up'
      if (facts === null) troubles.worked(trouble)
      else troubles.failed({ trouble, who: 'open transaction', facts })
      return 0
    },
  },
  {
    name: 'refresh',
    everyMs: 1_000,
    run: async (app) => {
      await app.refresh()
      return 0
    },
  },
  {
    name: 'epoch',
    everyMs: 500,
    run: async (app, now) => {
      const raised = await app.events.epochs.check(now)
      if (raised) app.log.warn(raised, 'the database is another one: a new epoch of events began')
      return 0
    },
  },
  {
    name: 'access',
    everyMs: 50,
    run: async (app) => {
      await app.access.poll()
      app.troubles.worked('database')
      return 0
    },
  },
  {
    name: 'tail',
    everyMs: 10,
    run: async (app) => {
      await app.events.tail.poll()
      return 0
    },
  },
]

/** Runs jobs until stopped; a node never runs the same job twice at once. */
export function startJobs(app: App, table: readonly Job[]): { stop(): Promise<void> } {
  let stopped = false
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  /** @returns how often the job has failed in a row */
  const turn = async (job: Job, failures: number): Promise<number> => {
    // The job that looks at the schema belongs to this node, like the others of nodeJobs.
    if (app.node.refusal() !== null && !nodeJobs.includes(job)) return 0
    const begun = performance.now()
    const ended = (at: Date | null) =>
      app.measured.ranJob(job.name, (performance.now() - begun) / 1_000, at)
    try {
      // @NOTE repeat until nothing is left: a backlog is processed at once, not one sweep per interval
      while (!stopped && (await job.run(app, app.now())) > 0);
      app.troubles.worked(`job ${job.name}`)
      ended(app.now())
      return 0
    } catch (error) {
      app.troubles.caught(`job ${job.name}`, error)
      ended(null)
      return failures + 1
    }
  }
  const schedule = (job: Job, failures: number) => {
    if (stopped) return
    const waitMs = failures === 0 ? job.everyMs : retryDelayMs(failures, job.everyMs)
    timers.set(
      job.name,
      setTimeout(() => {
        const work = turn(job, failures).then((failed) => {
          running.delete(work)
          schedule(job, failed)
        })
        running.add(work)
      }, waitMs),
    )
  }
  for (const job of table) schedule(job, 0)
  return {
    async stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}

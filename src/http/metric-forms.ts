// Metrics from numbers that are counted elsewhere.
import { Counter, Gauge, type Registry } from 'prom-client'

type Sample = { readonly labels: Record<string, string>; readonly value: number }

/** A metric that is read at each scrape. Without an answer it has no samples. */
export function sampled(
  registry: Registry,
  kind: 'counter' | 'gauge',
  about: { readonly name: string; readonly help: string; readonly labels?: readonly string[] },
  read: () => Iterable<Sample> | Promise<Iterable<Sample>>,
) {
  const options = {
    name: about.name,
    help: about.help,
    labelNames: about.labels ?? [],
    registers: [registry],
  }
  const fill = async (metric: Counter | Gauge) => {
    metric.reset()
    // @NOTE the metrics of the process matter most when the database is down
    const samples = await Promise.resolve(read()).catch(() => [])
    for (const { labels, value } of samples) metric.inc(labels, value)
  }
  if (kind === 'counter')
    new Counter({
      ...options,
      collect() {
        return fill(this)
      },
    })
  else
    new Gauge({
      ...options,
      collect() {
        return fill(this)
      },
    })
}

export type Bucketed = {
  readonly labels: Record<string, string>
  /** By upper bound, not added up; the last one is of values above all bounds. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** A histogram whose counts are kept elsewhere. */
export function bucketed(
  registry: Registry,
  about: { readonly name: string; readonly help: string; readonly bounds: readonly number[] },
  read: () => Iterable<Bucketed> | Promise<Iterable<Bucketed>>,
) {
  const { name, help, bounds } = about
  const valuesOf = ({ labels, counts, sum }: Bucketed) => {
    let upTo = 0
    const buckets = [...bounds, '+Inf'].map((bound, i) => {
      upTo += counts[i] ?? 0
      return { metricName: `${name}_bucket`, labels: { ...labels, le: String(bound) }, value: upTo }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: upTo },
    ]
  }
  const metric = {
    name,
    async get() {
      const all = await Promise.resolve(read()).catch(() => [])
      return {
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: [...all].flatMap(valuesOf),
      }
    },
    reset: () => {},
  }
  registry.registerMetric(metric as unknown as Gauge)
}

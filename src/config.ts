// The environment, read once into one frozen Config. Nothing else reads process.env.

export type Config = {
  readonly host: string
  readonly port: number
  /** Null: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null
  readonly databasePoolSize: number
  readonly dataDir: string
  readonly demo: boolean
  readonly simulatorAuto: boolean
  /** Requests a minute a key; 0 is off. */
  readonly rateLimit: number
  readonly cancelCooldownS: number
  readonly activationWindowS: number
  readonly publicUrl: string | null
  /** Whether X-Forwarded-For is believed: only behind a proxy of one's own. */
  readonly trustProxy: boolean
  readonly logLevel: string
}

/** Everything wrong with the environment, a line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(['The environment has wrong values:', ...problems.map((line) => `  ${line}`)].join('\n'))
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws ConfigError which names every wrong value */
export function toConfig(env: Environment): Config {
  const read = reader(env)
  const databaseUrl = read.url('DATABASE_URL', ['postgres:', 'postgresql:'])
  const config: Config = {
    host: read.text('HOST', '127.0.0.1'),
    port: read.int('PORT', 8080, 0, 65_535),
    databaseUrl,
    databasePoolSize: read.int('NUMLET_DATABASE_POOL', 10, 2, 200),
    dataDir: read.text('NUMLET_DATA', './data'),
    demo: read.flag('NUMLET_DEMO', databaseUrl === null),
    simulatorAuto: read.flag('NUMLET_SIMULATOR_AUTO', true),
    rateLimit: read.int('NUMLET_RATE_LIMIT', 60, 0, 1_000_000),
    cancelCooldownS: read.int('NUMLET_CANCEL_COOLDOWN_S', 120, 0, 86_400),
    activationWindowS: read.int('NUMLET_ACTIVATION_WINDOW_S', 1_200, 1, 86_400),
    publicUrl: read.url('NUMLET_PUBLIC_URL', ['http:', 'https:']),
    trustProxy: read.flag('NUMLET_TRUST_PROXY', false),
    logLevel: read.choice('NUMLET_LOG', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
  }
  if (read.problems.length > 0) throw new ConfigError(read.problems)
  return Object.freeze(config)
}

function reader(env: Environment) {
  const problems: string[] = []
  const get = (name: string) => (env[name] === '' ? undefined : env[name])
  return {
    problems,
    text: (name: string, fallback: string) => get(name) ?? fallback,
    int(name: string, fallback: number, min: number, max: number): number {
      const value = get(name)
      if (value === undefined) return fallback
      const number = Number(value)
      if (/^\d{1,9}$/.test(value) && number >= min && number <= max) return number
      problems.push(`${name} must be a whole number from ${min} to ${max}, and is "${value}"`)
      return fallback
    },
    flag(name: string, fallback: boolean): boolean {
      const value = get(name)
      if (value === undefined) return fallback
      if (value === '1' || value === '0') return value === '1'
      problems.push(`${name} must be 0 or 1, and is "${value}"`)
      return fallback
    },
    choice(name: string, fallback: string, choices: readonly string[]): string {
      const value = get(name) ?? fallback
      if (choices.includes(value)) return value
      problems.push(`${name} must be one of ${choices.join(', ')}, and is "${value}"`)
      return fallback
    },
    url(name: string, protocols: readonly string[]): string | null {
      const value = get(name)
      if (value === undefined) return null
      // @NOTE postgres URLs of a unix socket have no host, which URL refuses
      const protocol = /^[a-z]+:(?=\/\/)/.exec(value)?.[0]
      if (protocol && protocols.includes(protocol)) return value
      // The value is not repeated: it may hold a password.
      problems.push(`${name} must be a URL that begins with ${protocols.join('// or ')}//`)
      return null
    },
  }
}

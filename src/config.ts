// The environment, read once into one frozen Config. Nothing else reads process.env.
import { isIP } from 'node:net'
import { type EncryptionKeys, type KeyStore, parseKeys } from './core/vault/keys.ts'
import { parseNetworks } from './core/webhooks/address.ts'
import { faultOfHosts } from './db/hosts.ts'
import { unknownNames } from './environment-names.ts'
import { keyStore } from './key-store.ts'
import { type PaymentSettings, readPayments } from './payments/settings.ts'

export type Config = {
  readonly host: string
  readonly port: number
  /** Null: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null
  readonly databasePoolSize: number
  readonly dataDir: string
  /** The first key encrypts. Null: a key file in `dataDir`, if the database is the embedded one. */
  readonly encryptionKeys: EncryptionKeys | null
  readonly demo: boolean
  readonly simulatorAuto: boolean
  /** Requests per minute and key; 0 switches the limit off. */
  readonly rateLimit: number
  readonly cancelCooldownS: number
  readonly activationWindowS: number
  readonly publicUrl: string | null
  /** The URL of a feed of exchange rates; null: the operator sets them. */
  readonly ratesUrl: string | null
  /** Networks (CIDR) that webhooks may reach although they are not public, also over plain http. */
  readonly webhookAllow: readonly string[]
  /** Name servers for the hosts of webhooks; none: those of the system. */
  readonly nameServers: readonly string[]
  /** The proxies in front of the server, whose X-Forwarded-* headers are trusted. */
  readonly trustProxy: ProxyTrust
  /** Origins whose pages may call the API with a key. */
  readonly corsOrigins: readonly string[]
  /** The port for inbound mail, on the same host; null: no mail. */
  readonly smtpPort: number | null
  /** Whether the mail port was set. If not, the start goes on without mail when the default port is taken. */
  readonly isSmtpPortSet: boolean
  /** PEM files for STARTTLS; null: each start creates a certificate. */
  readonly smtpTls: { readonly certFile: string; readonly keyFile: string } | null
  /** Dialect name by lower-case host name. */
  readonly hosts: ReadonlyMap<string, string>
  /** The gateways for deposits. */
  readonly payments: PaymentSettings
  /** The operator's name for the operator log; null: the login name. */
  readonly operator: string | null
  readonly logLevel: string
  /** How long a server goes on answering after a stop signal, so that balancers and clients can leave. */
  readonly drainS: number
  /** The address of a separate port for health and metrics; null: none. */
  readonly metricsPort: number | null
  /** The server that mails to users go to; null: they become files in `dataDir`. */
  readonly mailUrl: string | null
  /** The sender of mails to users; null: `numlet` at the host of the public URL. */
  readonly mailFrom: string | null
}

/** The number of proxies in front of the server, or their networks (CIDR). */
export type ProxyTrust = number | readonly string[]

/** The source of the encryption keys for secrets. */
export const keyStoreOf = (config: Config): KeyStore =>
  keyStore({
    given: config.encryptionKeys,
    dataDir: config.databaseUrl === null ? config.dataDir : null,
  })

/** Everything that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(['The environment has wrong values:', ...problems.map((line) => `  ${line}`)].join('\n'))
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * @param dialects the names of those that can have host names; if not given, the names are not checked
 * @throws ConfigError which names every invalid value
 */
export function toConfig(env: Environment, dialects?: readonly string[]): Config {
  const read = reader(env)
  const databaseUrl = read.url('DATABASE_URL', ['postgres:', 'postgresql:'])
  const demo = read.flag('NUMLET_DEMO', databaseUrl === null)
  const config: Config = {
    host: read.text('HOST', '127.0.0.1'),
    port: read.int('PORT', 8080, 0, 65_535),
    databaseUrl,
    databasePoolSize: read.int('NUMLET_DATABASE_POOL', 10, 2, 200),
    dataDir: read.text('NUMLET_DATA', './data'),
    encryptionKeys: read.keys('NUMLET_ENCRYPTION_KEY'),
    demo,
    simulatorAuto: read.flag('NUMLET_SIMULATOR_AUTO', true),
    rateLimit: read.int('NUMLET_RATE_LIMIT', 60, 0, 1_000_000),
    cancelCooldownS: read.int('NUMLET_CANCEL_COOLDOWN_S', 120, 0, 86_400),
    activationWindowS: read.int('NUMLET_ACTIVATION_WINDOW_S', 1_200, 1, 86_400),
    publicUrl: read.url('NUMLET_PUBLIC_URL', ['http:', 'https:']),
    ratesUrl: read.url('NUMLET_RATES_URL', ['http:', 'https:']),
    webhookAllow: read.networks('NUMLET_WEBHOOK_ALLOW'),
    nameServers: read.nameServers('NUMLET_DNS'),
    trustProxy: read.proxies('NUMLET_TRUST_PROXY'),
    corsOrigins: read.origins('NUMLET_CORS_ORIGINS'),
    smtpPort: read.portOrOff('NUMLET_SMTP_PORT', 2525),
    isSmtpPortSet: (env.NUMLET_SMTP_PORT ?? '') !== '',
    smtpTls: read.certificate('NUMLET_SMTP_CERT', 'NUMLET_SMTP_KEY'),
    hosts: read.hosts('NUMLET_HOSTS', dialects),
    payments: readPayments(read, demo),
    operator: read.operator('NUMLET_OPERATOR', 'SUDO_USER'),
    logLevel: read.choice('NUMLET_LOG', 'info', ['debug', 'info', 'warn', 'error', 'silent']),
    drainS: read.int('NUMLET_DRAIN_S', 5, 0, 3_600),
    metricsPort: read.port('NUMLET_METRICS_PORT'),
    mailUrl: read.url('NUMLET_MAIL_URL', ['smtp:', 'smtps:']),
    mailFrom: read.mailAddress('NUMLET_MAIL_FROM'),
  }
  const fault = databaseUrl === null ? null : faultOfHosts(databaseUrl)
  if (fault !== null) read.problems.push(`DATABASE_URL ${fault}`)
  read.problems.push(...unknownNames(Object.keys(env), read.names))
  if (read.problems.length > 0) throw new ConfigError(read.problems)
  return Object.freeze(config)
}

/** A DNS name: labels of letters, digits and hyphens, at most 253 characters, without a port. */
const hostName = /^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/

type Get = (name: string) => string | undefined

function reader(env: Environment) {
  const problems: string[] = []
  // @NOTE reading a name makes it known, so each reader asks for its names whatever their values are
  const names = new Set<string>()
  const get: Get = (name) => {
    names.add(name)
    return env[name] === '' ? undefined : env[name]
  }
  return { problems, names, ...plainValues(get, problems), ...ownValues(get, problems) }
}

function plainValues(get: Get, problems: string[]) {
  return {
    text: (name: string, fallback: string) => get(name) ?? fallback,
    int(name: string, fallback: number, min: number, max: number): number {
      const value = get(name)
      if (value === undefined) return fallback
      const number = Number(value)
      if (/^\d{1,9}$/.test(value) && number >= min && number <= max) return number
      problems.push(`${name} must be a whole number from ${min} to ${max}, but is "${value}"`)
      return fallback
    },
    networks(name: string): readonly string[] {
      const value = get(name) ?? ''
      const networks = parseNetworks(value)
      if (networks !== null) return networks
      problems.push(
        `${name} must be networks such as 10.0.0.0/8, separated by commas, but is "${value}"`,
      )
      return []
    },
    port(name: string): number | null {
      const value = get(name)
      if (value === undefined) return null
      if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
      problems.push(`${name} must be a port from 0 to 65535, but is "${value}"`)
      return null
    },
    mailAddress(name: string): string | null {
      const value = get(name)
      if (value === undefined || /^[^\s@<>"',;]{1,64}@[^\s@<>"',;]{1,189}$/.test(value))
        return value ?? null
      problems.push(`${name} must be an e-mail address such as numlet@example.com`)
      return null
    },
    flag(name: string, fallback: boolean): boolean {
      const value = get(name)
      if (value === undefined) return fallback
      if (value === '1' || value === '0') return value === '1'
      problems.push(`${name} must be 0 or 1, but is "${value}"`)
      return fallback
    },
    origins(name: string): readonly string[] {
      const value = get(name) ?? ''
      const origins = value.split(/[\s,]+/).filter(Boolean)
      const isOrigin = (text: string) => /^https?:/.test(text) && URL.parse(text)?.origin === text
      if (origins.every(isOrigin)) return origins
      problems.push(`${name} must be origins such as https://app.example.com, but is "${value}"`)
      return []
    },
    choice(name: string, fallback: string, choices: readonly string[]): string {
      const value = get(name) ?? fallback
      if (choices.includes(value)) return value
      problems.push(`${name} must be one of ${choices.join(', ')}, but is "${value}"`)
      return fallback
    },
    url(name: string, protocols: readonly string[]): string | null {
      const value = get(name)
      if (value === undefined) return null
      // @NOTE postgres URLs of a unix socket have no host, which URL does not accept
      const protocol = /^[a-z]+:(?=\/\/)/.exec(value)?.[0]
      if (protocol && protocols.includes(protocol)) return value
      // The value is not shown: it may contain a password.
      problems.push(`${name} must be a URL that begins with ${protocols.join('// or ')}//`)
      return null
    },
  }
}

/** Values in formats of our own. */
function ownValues(get: Get, problems: string[]) {
  return {
    hosts(name: string, dialects?: readonly string[]): ReadonlyMap<string, string> {
      const hosts = new Map<string, string>()
      const wrong: string[] = []
      const entries = (get(name) ?? '').split(',').map((entry) => entry.trim())
      for (const entry of entries.filter((one) => one !== '')) {
        const [host = '', dialect = '', ...more] = entry.toLowerCase().split('=')
        if (!hostName.test(host) || dialect === '' || more.length > 0)
          wrong.push(`"${entry}" is not HOST=DIALECT`)
        else if (dialects && !dialects.includes(dialect))
          wrong.push(`"${entry}" names none of ${dialects.join(', ')}`)
        else if (hosts.has(host)) wrong.push(`"${host}" appears twice`)
        else hosts.set(host, dialect)
      }
      if (wrong.length > 0)
        problems.push(
          `${name} must be a list like api.example.com=whichotp,b.example=otpzap: ${wrong.join('; ')}`,
        )
      return hosts
    },
    proxies(name: string): ProxyTrust {
      const value = get(name) ?? '0'
      if (/^\d{1,2}$/.test(value)) return Number(value)
      const networks = parseNetworks(value)
      if (networks !== null) return networks
      problems.push(
        `${name} must be the number of proxies, or their networks such as 10.0.0.0/8, but is "${value}"`,
      )
      return 0
    },
    nameServers: (name: string) => nameServersIn(name, get(name) ?? '', problems),
    portOrOff(name: string, fallback: number): number | null {
      const value = get(name)
      if (value === undefined) return fallback
      if (value === 'off') return null
      if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
      problems.push(`${name} must be a port from 0 to 65535, or off, but is "${value}"`)
      return fallback
    },
    /** A name of at most 100 characters. An unsuitable one from `sudo` is ignored, not an error. */
    operator(name: string, fallback: string): string | null {
      const isName = (text: string) => /^[^\p{Cc}]{1,100}$/u.test(text)
      const value = get(name)?.trim()
      if (value !== undefined && isName(value)) return value
      if (value !== undefined) problems.push(`${name} must be a name of 1 to 100 characters`)
      const other = get(fallback)
      return other !== undefined && isName(other) ? other : null
    },
    certificate(cert: string, key: string) {
      const [certFile, keyFile] = [get(cert), get(key)]
      if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
      if (certFile !== keyFile) problems.push(`${cert} and ${key} must be set together`)
      return null
    },
    keys(name: string): EncryptionKeys | null {
      const value = get(name)
      if (value === undefined) return null
      const keys = parseKeys(value)
      // The value is not shown: it is a secret.
      if (!keys) problems.push(`${name} must be 32 bytes in base64, or several separated by commas`)
      return keys
    },
  }
}

/** Addresses of name servers, each with an optional port. */
function nameServersIn(name: string, value: string, problems: string[]): readonly string[] {
  const servers = value.split(',').flatMap((one) => one.trim() || [])
  const isServer = (text: string) => {
    const [, address = text, port = '53'] = /^\[?([^[\]]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? []
    return (isIP(text) !== 0 || isIP(address) !== 0) && Number(port) <= 65_535
  }
  if (servers.every(isServer)) return servers
  problems.push(
    `${name} must be addresses of name servers such as 192.0.2.53 or [2001:db8::53]:53, ` +
      `separated by commas, but is "${value}"`,
  )
  return []
}

// The first connection to the database of DATABASE_URL: whether it works, and if not, what to fix.
import pg from 'pg'
import { assertWritable, ReadOnlyHost } from './connections.ts'
import { sqlState } from './errors.ts'
import { faultOfHosts, hostsOf } from './hosts.ts'

const connectTimeoutMs = 10_000

/** The database of DATABASE_URL cannot be used. The message says why and what to do. It has no password. */
class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable'
}

/** Connects once, to the first host that Numlet can use. @throws DatabaseUnreachable */
export async function assertReachable(url: string): Promise<void> {
  const fault = faultOfHosts(url)
  if (fault !== null) throw new DatabaseUnreachable(`DATABASE_URL ${fault}.`)
  const { urls, mustWrite } = hostsOf(url)
  const reasons: string[] = []
  for (const one of urls) {
    const reason = await reasonAgainst(one, mustWrite)
    if (reason === null) return
    reasons.push(reason)
  }
  throw new DatabaseUnreachable(`The database cannot be reached: ${reasons.join(' ')}`)
}

/** Why one host cannot be used; null if it can. */
async function reasonAgainst(url: string, mustWrite: boolean): Promise<string | null> {
  let client: pg.Client | undefined
  try {
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs })
    client.on('error', () => {})
    await client.connect()
    if (mustWrite) await assertWritable(client)
    return null
  } catch (error) {
    return wordsFor(error, client)
  } finally {
    await client?.end().catch(() => {})
  }
}

function wordsFor(error: unknown, client: pg.Client | undefined): string {
  // `localhost` is tried on two addresses, and the error of the pair has no code.
  if (error instanceof AggregateError) return wordsFor(error.errors[0], client)
  if (client === undefined)
    return (
      'DATABASE_URL cannot be parsed. It has the form postgres://USER:PASSWORD@HOST:PORT/DATABASE; ' +
      'characters other than letters and digits must be percent-encoded in it (@ as %40, # as %23).'
    )
  const { host, port, user, database } = client
  const at = host.startsWith('/') ? `the socket in ${host}` : `${host}:${port}`
  if (error instanceof ReadOnlyHost)
    return `${at} is read-only. Name the primary as well, or promote it.`
  const code = sqlState(error) ?? ''
  const said = error instanceof Error ? error.message : String(error)
  if (/^(?:ENOTFOUND|EAI_AGAIN|ENODATA)$/.test(code))
    return `the host name ${host} cannot be resolved (${code}). Check the host in DATABASE_URL.`
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return (
      `nothing listens on ${at} (${code}). ` +
      'Check host and port in DATABASE_URL, and that PostgreSQL is running.'
    )
  if (code === 'ETIMEDOUT' || /timeout/i.test(said))
    return `${at} does not answer. Check host and port in DATABASE_URL, and any firewall.`
  // How it is noticed that the other side hung up depends on the moment.
  if (code === 'ECONNRESET' || code === 'EPIPE' || /terminated unexpectedly/.test(said))
    return `${at} hung up. Check DATABASE_URL, and that the server there is PostgreSQL.`
  if (/^E[A-Z]+$/.test(code)) return `${at}: ${code}. Check host and port in DATABASE_URL.`
  if (code === '28P01')
    return `${at} refused the password of user ${user}. Check both in DATABASE_URL.`
  if (code === '28000') return refusedUser(at, `${user}`, said)
  if (code === '3D000')
    return `${at} has no database "${database}". Create it, or correct its name in DATABASE_URL.`
  if (code === '42501') return `user ${user} may not connect to database "${database}" on ${at}.`
  if (isAboutTls(code, said)) return tlsAdvice(at, said)
  if (/SASL|password must be a string/i.test(said))
    return `${at} asks for a password, and DATABASE_URL has none for user ${user}.`
  return `${at}: ${said}. Check DATABASE_URL, and that the server there is PostgreSQL.`
}

function refusedUser(at: string, user: string, said: string): string {
  if (/no encryption|SSL off/i.test(said))
    return `${at} requires TLS (or does not admit user ${user}). Add ?sslmode=verify-full to DATABASE_URL.`
  return (
    `${at} does not admit user ${user}: ${said}. ` +
    'Check the user in DATABASE_URL and the server’s pg_hba.conf.'
  )
}

const isAboutTls = (code: string, said: string) =>
  /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code) || /SSL|TLS|certificate/i.test(said)

function tlsAdvice(at: string, said: string): string {
  if (/does not support SSL/i.test(said))
    return `${at} does not support TLS, but DATABASE_URL (or PGSSLMODE) requires it. Use sslmode=disable.`
  return (
    `the TLS certificate of ${at} was rejected: ${said}. Set the authority’s certificate with ` +
    'sslrootcert=FILE in DATABASE_URL, or use sslmode=no-verify.'
  )
}

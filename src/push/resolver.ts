// Looks up the hosts of webhooks. Node's `dns.lookup` runs on libuv's four threads, which one zone with dead
// name servers can block. These look-ups use sockets, have a time limit, and can be cancelled.
import { Resolver } from 'node:dns/promises'
import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { LookupFailure, type Resolve } from '../core/webhooks/destination.ts'

const defaultTimeoutMs = 3_000
/** How long to wait for the other address family once one has answered. */
const otherFamilyMs = 500
/** The timeout of the first query to each name server; the second one is longer. */
const attemptMs = 1_000
const attempts = 2
/** Concurrent look-ups of one account. */
const maxOfAccount = 4
/** Concurrent look-ups in total. */
const maxInAll = 256
/** How often the hosts file is checked. */
const hostsFileMs = 1_000

export type ResolverOptions = {
  /** Name servers (`192.0.2.53`, `[2001:db8::53]:53`); empty: the system's. */
  readonly servers?: readonly string[]
  readonly hostsFile?: string
  readonly timeoutMs?: number
}

const systemHostsFile =
  process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts'

/**
 * Creates a resolver. It reads the hosts file first, then queries A and AAAA records. Concurrent look-ups
 * of one host share one query. The returned function fails with a `LookupFailure`: `not_found` if the
 * name has no addresses, `no_answer` if this cannot be determined now, `too_many` if the account has too
 * many concurrent look-ups.
 */
export function openResolver(options: ResolverOptions = {}): Resolve {
  const hosts = hostsReader(options.hostsFile ?? systemHostsFile)
  const running = new Map<string, Promise<readonly string[]>>()
  const ofAccount = new Map<number, number>()
  const query = async (host: string): Promise<readonly string[]> => {
    const listed = (await hosts()).get(host)
    if (listed) return listed
    // RFC 6761, 6.3: names below `localhost` are never sent to a name server.
    if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
    return askServers(host, options)
  }
  const shared = (host: string) => {
    const known = running.get(host)
    if (known) return known
    if (running.size >= maxInAll) throw new LookupFailure('too_many')
    const asked = query(host).finally(() => running.delete(host))
    running.set(host, asked)
    return asked
  }
  return async (name, accountId) => {
    const host = name.toLowerCase().replace(/\.$/, '')
    if (isIP(host) !== 0) return [host]
    if (accountId === undefined) return shared(host)
    const count = ofAccount.get(accountId) ?? 0
    if (count >= maxOfAccount) throw new LookupFailure('too_many')
    ofAccount.set(accountId, count + 1)
    try {
      return await shared(host)
    } finally {
      const left = (ofAccount.get(accountId) ?? 1) - 1
      if (left === 0) ofAccount.delete(accountId)
      else ofAccount.set(accountId, left)
    }
  }
}

/** The addresses of both families, from the name servers. */
async function askServers(host: string, options: ResolverOptions): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: attemptMs, tries: attempts })
  if (options.servers && options.servers.length > 0) resolver.setServers([...options.servers])
  const cancel = () => resolver.cancel()
  let timer = setTimeout(cancel, options.timeoutMs ?? defaultTimeoutMs)
  const hurry = (found: string[]) => {
    if (found.length === 0) return found
    clearTimeout(timer)
    timer = setTimeout(cancel, otherFamilyMs)
    return found
  }
  try {
    const answers = await Promise.allSettled([
      resolver.resolve4(host).then(hurry),
      resolver.resolve6(host).then(hurry),
    ])
    const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    if (found.length > 0) return found
    throw new LookupFailure(answers.every(saysNo) ? 'not_found' : 'no_answer')
  } finally {
    clearTimeout(timer)
  }
}

/** Whether a name server has answered that there are no addresses, rather than not answered. */
const saysNo = (answer: PromiseSettledResult<readonly string[]>) =>
  answer.status === 'fulfilled' ||
  ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes((answer.reason as NodeJS.ErrnoException).code ?? '')

/** Reads the hosts file again if it has changed. A missing file counts as empty. */
function hostsReader(path: string) {
  let checkedAt = Number.NEGATIVE_INFINITY
  let version = ''
  let known: ReadonlyMap<string, readonly string[]> = new Map()
  return async () => {
    const now = performance.now()
    if (now - checkedAt < hostsFileMs) return known
    checkedAt = now
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }))
    if (version !== `${mtimeMs} ${size}`) {
      known = parseHosts(await readFile(path, 'utf8').catch(() => ''))
      version = `${mtimeMs} ${size}`
    }
    return known
  }
}

/** Addresses by name, in the format of hosts(5): an address, then its names; `#` begins a comment. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split(/\r?\n/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0 || address.includes('%')) continue
    for (const name of names) {
      const host = name.toLowerCase()
      const listed = hosts.get(host) ?? []
      if (!listed.includes(address)) listed.push(address)
      hosts.set(host, listed)
    }
  }
  return hosts
}

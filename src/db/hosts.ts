// A database URL with several hosts, as libpq has it: postgres://USER@HOST1:5432,HOST2:5433/DATABASE.

export type Hosts = {
  /** A URL for each host, in the order in which they are tried. */
  readonly urls: readonly string[]
  /** Whether a host that is read-only is passed over. */
  readonly mustWrite: boolean
}

type Parts = { readonly head: string; readonly hosts: string; readonly tail: string }

/** The hosts of a URL. With several, only one that is read-write is used: this platform always writes. */
export function hostsOf(url: string): Hosts {
  const { base, query } = divided(url)
  const wanted = query.get('target_session_attrs')
  const isRandom = query.get('load_balance_hosts') === 'random'
  for (const name of ['target_session_attrs', 'load_balance_hosts']) query.delete(name)
  const urls = query.get('host')?.includes(',')
    ? ofParameters(base, query)
    : ofAuthority(base, query)
  if (urls === null) return { urls: [url], mustWrite: isForWriting(wanted) }
  return {
    urls: isRandom ? shuffled(urls) : urls,
    mustWrite: wanted === null || isForWriting(wanted),
  }
}

/** What is wrong with a URL's hosts, in words that follow its name; null if nothing. */
export function faultOfHosts(url: string): string | null {
  const { query } = divided(url)
  const wanted = query.get('target_session_attrs') ?? 'any'
  if (!['any', 'read-write', 'primary'].includes(wanted))
    return 'has a target_session_attrs that is not read-write, primary or any: Numlet writes'
  const order = query.get('load_balance_hosts') ?? 'disable'
  if (!['disable', 'random'].includes(order))
    return 'has a load_balance_hosts that is not disable or random'
  const [hosts, ports] = [query.get('host') ?? '', query.get('port') ?? '']
  const counts = [hosts.split(',').length, ports.split(',').length] as const
  if (counts[1] > 1 && counts[0] !== counts[1]) return 'has another number of ports than of hosts'
  return null
}

const isForWriting = (wanted: string | null) => wanted === 'read-write' || wanted === 'primary'

function divided(url: string): { base: string; query: URLSearchParams } {
  const at = url.indexOf('?')
  return at < 0
    ? { base: url, query: new URLSearchParams() }
    : { base: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) }
}

const joined = (base: string, query: URLSearchParams) =>
  query.size === 0 ? base : `${base}?${query.toString().replaceAll('+', '%20')}`

/** `//user@h1:1,h2:2/database`; null if there is one host only. */
function ofAuthority(base: string, query: URLSearchParams): string[] | null {
  const parts = partsOf(base)
  if (!parts?.hosts.includes(',')) return null
  const ports = parts.hosts.split(',').map((one) => /:(\d+)$/.exec(one)?.[1])
  return parts.hosts.split(',').map((host, place) => {
    const isBare = ports[place] === undefined && query.has('port')
    const port = isBare ? `:${query.get('port')}` : ''
    return joined(`${parts.head}${host}${port}${parts.tail}`, withoutPort(query))
  })
}

function withoutPort(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query)
  rest.delete('port')
  return rest
}

function partsOf(base: string): Parts | null {
  const [, scheme, authority, tail] = /^([a-z]+:\/\/)([^/]*)(.*)$/s.exec(base) ?? []
  if (scheme === undefined || authority === undefined || tail === undefined) return null
  const at = authority.lastIndexOf('@') + 1
  return { head: `${scheme}${authority.slice(0, at)}`, hosts: authority.slice(at), tail }
}

/** `?host=h1,h2&port=1,2`: also directories of Unix sockets. One port applies to all hosts. */
function ofParameters(base: string, query: URLSearchParams): string[] {
  const hosts = (query.get('host') as string).split(',')
  const ports = query.get('port')?.split(',') ?? []
  return hosts.map((host, place) => {
    const own = new URLSearchParams(query)
    own.set('host', host)
    const port = ports.length === 1 ? ports[0] : ports[place]
    if (port === undefined || port === '') own.delete('port')
    else own.set('port', port)
    return joined(base, own)
  })
}

function shuffled(urls: readonly string[]): string[] {
  return urls
    .map((url) => ({ url, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ url }) => url)
}

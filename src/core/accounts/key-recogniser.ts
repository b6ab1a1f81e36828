// Recognising API keys: who makes a request, and from where it may be made.
import { BlockList, isIP } from 'node:net'
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type AccessWatch, remembered } from './access.ts'
import { hashOf, isKey } from './key.ts'
import { firstUseNotes } from './key-origin.ts'
import type { Principal } from './principal.ts'
import type { Scope } from './scopes.ts'

type KeyRow = {
  hash: Buffer
  id: number
  account_id: number
  scopes: Scope[]
  default_country: string | null
  error_form: string
  allowed_ips: string[]
  expires_at: Date | null
  revoked_at: Date | null
  account_state: string
  currency: string
  decimals: number
  is_unused_of_operator: boolean
  is_capped: boolean
}

export type Recognise = (secret: string, ip: string, now: Date) => Promise<Principal>

/** Authenticates keys. Every node refuses a revoked key once its revocation is answered.
 * The returned function throws unauthenticated, forbidden (address) or account_suspended. */
export function keyRecogniser(
  db: Database,
  access: AccessWatch,
  used: (keyId: number, now: Date) => void,
): Recognise {
  const find = remembered<KeyRow>(access, (hashes) => keysByHash(db, hashes))
  const noteFirst = firstUseNotes(db)
  return async (secret, ip, now) => {
    const row = isKey(secret) ? await find(hashOf(secret)) : undefined
    if (!row || row.revoked_at || (row.expires_at && row.expires_at <= now))
      throw new DomainError('unauthenticated', 'The API key is not valid.')
    if (row.allowed_ips.length > 0 && !isAllowed(row.allowed_ips, ip))
      throw new DomainError('forbidden', 'This key cannot be used from this IP address.')
    if (row.account_state !== 'active')
      throw new DomainError('account_suspended', 'The account is suspended.')
    if (row.is_unused_of_operator) await noteFirst(row.id, now)
    used(row.id, now)
    return {
      kind: 'key',
      id: row.id,
      accountId: row.account_id,
      currency: row.currency,
      decimals: row.decimals,
      scopes: row.scopes,
      defaultCountry: row.default_country,
      errorForm: row.error_form,
      isCapped: row.is_capped,
    }
  }
}

async function keysByHash(db: Database, hashes: readonly Buffer[]) {
  const rows = await db.query<KeyRow>(
    `select k.hash, k.id, k.account_id, k.scopes, k.default_country, k.error_form,
            k.allowed_ips::text[] as allowed_ips,
            k.expires_at, k.revoked_at, a.state as account_state, a.currency, c.decimals,
            k.made_by is not null and k.first_used_at is null as is_unused_of_operator,
            k.max_spend_a_day is not null as is_capped
       from api_keys k
       join accounts a on a.id = k.account_id
       join currencies c on c.code = a.currency
      where k.hash = any($1)`,
    [hashes],
  )
  const byHash = new Map(rows.map((row) => [row.hash.toString('latin1'), row]))
  return hashes.map((hash) => byHash.get(hash.toString('latin1')))
}

/** Records when keys were last used: some seconds late, and once for many requests. */
export function lastUseNotes(db: Database): {
  used(keyId: number, now: Date): void
  flush(): Promise<void>
} {
  let seen = new Map<number, Date>()
  return {
    used: (keyId, now) => {
      seen.set(keyId, now)
    },
    async flush() {
      if (seen.size === 0) return
      const noted = [...seen].sort(([a], [b]) => a - b)
      seen = new Map()
      await db.once(
        `update api_keys k set last_used_at = greatest(k.last_used_at, u.at)
           from unnest($1::int[], $2::timestamptz[]) as u(id, at) where k.id = u.id`,
        [noted.map(([id]) => id), noted.map(([, at]) => at)],
      )
    },
  }
}

function isAllowed(networks: readonly string[], ip: string): boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  const plain = ip.startsWith('::ffff:') && ip.includes('.') ? ip.slice(7) : ip
  return isIP(plain) !== 0 && list.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
}

// Passwords: hashed with argon2id off the event loop, a few at a time. A password that nobody has set is
// checked with the same work as one that somebody has.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { DomainError } from '../error.ts'

/** OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const
const saltBytes = 16
const tagBytes = 32
/** NIST SP 800-63B: long passwords are accepted. The bound keeps the work for one request small. */
export const passwordLengths = { min: 10, max: 200 } as const

export type Passwords = {
  /** The text to store. @throws rate_limited if too many are being checked */
  hash(password: string): Promise<string>
  /** Whether a password is that of a stored text; null: of nobody. The work is the same in each case.
   * @throws rate_limited if too many are being checked */
  matches(password: string, stored: string | null): Promise<boolean>
  /** How often argon2 has run, for tests and metrics. */
  runs(): number
}

/**
 * Checks passwords, at most `maxRunning` at once: each takes a thread of four and 19 MiB. Others wait in a
 * queue with a limit, so that a flood of sign-ins can use up neither.
 */
export function passwords(limits = { maxRunning: 2, maxWaiting: 64 }): Passwords {
  let count = 0
  const inTurn = turnstile(limits)
  const derive = (password: string, nonce: Buffer, wanted: Cost = cost) =>
    inTurn(() => {
      count++
      return tagOf(password, nonce, wanted)
    })
  const nobody = encode(randomBytes(saltBytes), randomBytes(tagBytes))
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes)
      return encode(salt, await derive(password, salt))
    },
    async matches(password, stored) {
      const { salt, tag, cost: wanted } = decode(stored ?? nobody)
      const found = await derive(password, salt, wanted)
      return timingSafeEqual(found, tag) && stored !== null
    },
    runs: () => count,
  }
}

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number }

/** NFKC (NIST SP 800-63B, 5.1.1.2): the same password typed on another keyboard has the same bytes. */
const tagOf = (password: string, nonce: Buffer, wanted: Cost) =>
  new Promise<Buffer>((resolve, reject) =>
    argon2(
      'argon2id',
      { message: password.normalize('NFKC'), nonce, tagLength: tagBytes, ...wanted },
      (error, tag) => (error ? reject(error) : resolve(tag)),
    ),
  )

/** The PHC string format. */
const encode = (salt: Buffer, tag: Buffer) =>
  `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${bare(salt)}$${bare(tag)}`

const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

function decode(stored: string) {
  const [, memory, passes, parallelism, salt = '', tag = ''] = form.exec(stored) ?? []
  if (memory === undefined) throw new Error('a stored password has an unknown form')
  return {
    cost: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
    },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

/** Lets work in, some at a time and in its order. */
function turnstile({ maxRunning, maxWaiting }: { maxRunning: number; maxWaiting: number }) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting)
        throw new DomainError(
          'rate_limited',
          'Too many passwords are being checked. Try again shortly.',
          { retryAfterS: 5 },
        )
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

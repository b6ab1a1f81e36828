// Writes the request log: lines are kept in memory, and written together every second. What does not fit is
// lost, and counted: no request ever waits for its line.
import { isIP } from 'node:net'
import type { Database } from '../../db/database.ts'
import { dayOf, makeDays } from './days.ts'
import type { LoggedRequest } from './line.ts'

/** Lines that are kept for the next time: as many as a node writes in a second without effort. */
const maxLines = 1_000
/** Those of one account: nobody's burst takes the log from the others. */
const maxLinesOfOne = 250
/** Lines in a statement: writing them holds the event loop for a moment. */
const linesACall = 500
/** The days whose partitions are known to be there. */
const maxDays = 10

/** What became of lines, for the metrics. */
export type LineCounts = { written: number; dropped: number }

export type RequestLogWriter = {
  /** Notes a request of an account, or drops its line, which is not even made then, if there are too many. */
  note(accountId: number, line: () => LoggedRequest): void
  /** Writes what was noted. */
  flush(): Promise<void>
  readonly counts: Readonly<LineCounts>
}

/** @param isOn whether anything is to be kept */
export function requestLogWriter(db: Database, isOn: () => boolean): RequestLogWriter {
  let lines: LoggedRequest[] = []
  const ofAccount = new Map<number, number>()
  const counts: LineCounts = { written: 0, dropped: 0 }
  const known = new Set<string>()
  const writeSome = async (some: readonly LoggedRequest[]) => {
    try {
      await write(db, known, some)
      counts.written += some.length
    } catch (error) {
      counts.dropped += some.length
      throw error
    }
  }
  return {
    counts,
    note(accountId, line) {
      if (!isOn()) return
      const own = ofAccount.get(accountId) ?? 0
      if (lines.length >= maxLines || own >= maxLinesOfOne) return void counts.dropped++
      ofAccount.set(accountId, own + 1)
      lines.push(line())
    },
    async flush() {
      const noted = lines
      lines = []
      ofAccount.clear()
      for (let at = 0; at < noted.length; at += linesACall)
        await writeSome(noted.slice(at, at + linesACall))
    },
  }
}

async function write(db: Database, known: Set<string>, lines: readonly LoggedRequest[]) {
  const days = [...new Set(lines.map(({ at }) => dayOf(at)))].filter((day) => !known.has(day))
  if (days.length > 0) {
    await makeDays(db, days)
    if (known.size > maxDays) known.clear()
    for (const day of days) known.add(day)
  }
  await db.once(
    `insert into request_log (account_id, id, key_id, dialect, method, path, status, ms, request_id, address)
     select l.account_id, l.at * 10000 + nextval('request_places'), l.key_id, l.dialect, l.method, l.path,
            l.status, l.ms, l.request_id, l.address
       from unnest($1::int[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::smallint[],
                   $8::int[], $9::text[], $10::inet[])
            as l(account_id, at, key_id, dialect, method, path, status, ms, request_id, address)
     on conflict do nothing`,
    [
      lines.map((one) => one.accountId),
      lines.map((one) => one.at.getTime()),
      lines.map((one) => one.keyId),
      lines.map((one) => one.dialect),
      lines.map((one) => one.method),
      lines.map((one) => one.path),
      lines.map((one) => one.status),
      lines.map((one) => Math.max(0, Math.round(one.ms))),
      lines.map((one) => one.requestId),
      lines.map((one) => plainAddress(one.address)),
    ],
  )
}

/** Without the zone of a link-local address, which is the server's own matter. */
function plainAddress(address: string): string | null {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(plain) === 0 ? null : plain
}

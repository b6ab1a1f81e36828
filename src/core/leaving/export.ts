// Everything of an account as records, one after the other: what it asked for and got, and its people.
// Never a secret: no key, password, token, or secret of a webhook.
import type { Database } from '../../db/database.ts'
import { getAccount } from '../accounts/accounts.ts'
import { statement } from '../ledger/statement.ts'
import { type Amount, formatAmount } from '../money.ts'
import type { PublicIds } from '../public-id.ts'
import { type Section, sections } from './sections.ts'

/** A line of an export. */
export type ExportRecord = { readonly type: string } & Readonly<Record<string, unknown>>

export type ExportParts = {
  readonly db: Database
  readonly ids: PublicIds
  readonly now: () => Date
}

const rowsAPage = 200

type Context = ExportParts & { readonly accountId: number; readonly decimals: number }

/**
 * Reads an account, a page at a time, so that a large one needs no more memory than a small one. The last
 * record is `end`, with the number of those before it: a file without it is not whole.
 * @throws not_found
 */
export async function* exportAccount(
  parts: ExportParts,
  accountId: number,
): AsyncGenerator<ExportRecord> {
  const { decimals } = await getAccount(parts.db, accountId)
  const context: Context = { ...parts, accountId, decimals }
  let records = 0
  for (const read of [...sections.map(sectionReader), transactions])
    for await (const record of read(context)) {
      records++
      yield record
    }
  yield { type: 'end', records, exported_at: parts.now().toISOString() }
}

type Row = { readonly place: bigint; readonly is_followed?: boolean } & Readonly<
  Record<string, unknown>
>

const sectionReader = (section: Section) => (context: Context) =>
  recordsOf(context, section, BigInt(context.accountId))

/** @param of the account, or the row that these follow */
async function* recordsOf(
  context: Context,
  section: Section,
  of: bigint,
): AsyncGenerator<ExportRecord> {
  const limit = section.rowsAPage ?? rowsAPage
  for (let after = 0n; ; ) {
    const rows = await context.db.query<Row>(section.sql, [of, after, limit])
    for (const row of rows) {
      yield recordOf(context, section.type, row)
      if (section.followedBy && row.is_followed)
        yield* recordsOf(context, section.followedBy, row.place)
    }
    if (rows.length < limit) return
    after = (rows.at(-1) as Row).place
  }
}

async function* transactions(context: Context): AsyncGenerator<ExportRecord> {
  const { db, accountId, decimals, ids } = context
  for (let before: bigint | undefined; ; ) {
    const lines = await statement(db, { accountId, before, limit: rowsAPage })
    for (const line of lines)
      yield {
        type: 'transaction',
        id: ids.toToken('txn', line.seq),
        kind: line.kind,
        amount: formatAmount(line.amount, decimals),
        change: formatAmount(line.change, decimals),
        balance_after:
          line.balanceAfter === null ? null : formatAmount(line.balanceAfter, decimals),
        currency: line.currency,
        order_id: line.orderId === null ? null : ids.toToken('ord', line.orderId),
        deposit_id: line.depositId === null ? null : ids.toToken('dep', line.depositId),
        reference: line.reference,
        created_at: line.createdAt.toISOString(),
      }
    if (lines.length < rowsAPage) return
    before = lines.at(-1)?.seq
  }
}

/** A row whose columns say what they are: `ord:id` is the public id of an order, `money:price` an amount. */
function recordOf({ ids, decimals }: Context, type: string, row: Row): ExportRecord {
  const record: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row)) {
    if (column === 'place' || column === 'is_followed') continue
    const [form, name] = column.includes(':') ? column.split(':', 2) : ['', column]
    record[name as string] = shown(form as string, value)
  }
  return { type, ...record }
  function shown(form: string, value: unknown): unknown {
    if (value === null || value === undefined) return null
    if (form === 'money') return formatAmount(value as Amount, decimals)
    if (form !== '') return ids.toToken(form, value as bigint | number)
    if (value instanceof Date) return value.toISOString()
    return typeof value === 'bigint' ? Number(value) : value
  }
}

// The rows that belong to a month of orders, in the order in which they are written.
import type { Queryable } from '../../db/database.ts'
import { inShownState } from '../messages/shown.ts'
import type { Month } from './month.ts'

/** The tables of an archive. Each is one file. */
export const archivedTables = [
  'orders',
  'order_services',
  'banned_orders',
  'past_leases',
  'messages',
] as const
export type ArchivedTable = (typeof archivedTables)[number]

/** Some rows of a table, which are removed in one way. */
export type Part = {
  readonly table: ArchivedTable
  /** The rows, as `t`. */
  readonly from: string
  readonly order: string
}

/** @NOTE the numbers are written into the statement: a cursor takes no values */
const ofOrders = ({ orders }: Month, column: string) =>
  `t.${column} >= ${orders.from} and t.${column} < ${orders.to}`

/** Messages that the month's orders show, whenever they came. */
export const delivered = (month: Month): Part => ({
  table: 'messages',
  from: `messages t where ${ofOrders(month, 'order_id')} and ${inShownState('t.state')}`,
  order: 't.order_id, t.id',
})

/**
 * Messages that reached nobody: those that were late for the month's orders, those of no order from the same
 * time, and repeats of any of these messages.
 */
export function astray(month: Month): Part {
  const { orders, messages } = month
  const order = 'coalesce(f.order_id, t.order_id)'
  const first = 'coalesce(f.id, t.id)'
  return {
    table: 'messages',
    from: `messages t left join messages f on f.id = t.repeat_of
      where not ${inShownState('t.state')}
        and ((${order} >= ${orders.from} and ${order} < ${orders.to})
          or (${order} is null and ${first} >= ${messages.from} and ${first} < ${messages.to}))`,
    order: 't.id',
  }
}

const ofOrder = (month: Month, table: ArchivedTable, key: string): Part => ({
  table,
  from: `${table} t where ${ofOrders(month, 'order_id')}`,
  order: `t.order_id, t.${key}`,
})

export const partsOf = (month: Month) => ({
  orders: {
    table: 'orders',
    from: `orders t where ${ofOrders(month, 'id')}`,
    order: 't.id',
  } satisfies Part,
  orderServices: ofOrder(month, 'order_services', 'place'),
  bannedOrders: ofOrder(month, 'banned_orders', 'created_at'),
  pastLeases: ofOrder(month, 'past_leases', 'number_id'),
  delivered: delivered(month),
  astray: astray(month),
})
export type PartName = keyof ReturnType<typeof partsOf>

/** A column's name and type. */
export type Column = readonly [name: string, type: string]

/** The columns of the archived tables, as the database has them. */
export async function columnsOf(db: Queryable): Promise<Record<ArchivedTable, Column[]>> {
  const rows = await db.query<{ table: ArchivedTable; name: string; type: string }>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
       from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.oid = any($1::regclass[]) and a.attnum > 0 and not a.attisdropped
      order by c.relname, a.attnum`,
    [archivedTables],
  )
  const columns = Object.fromEntries(archivedTables.map((table) => [table, [] as Column[]]))
  for (const { table, name, type } of rows) columns[table]?.push([name, type])
  return columns as Record<ArchivedTable, Column[]>
}

/** What must be the same in every session for the same row to be the same line. */
export async function fixForm(tx: Queryable): Promise<void> {
  await tx.query(`set local timezone = 'UTC'`)
  await tx.query(`set local datestyle = 'ISO, YMD'`)
  await tx.query(`set local intervalstyle = 'postgres'`)
}

/** A list of columns of `alias`; the names are identifiers without capitals (`columnsOf`). */
export const listed = (columns: readonly Column[], alias = 't') =>
  columns.map(([name]) => `${alias}.${name}`).join(', ')

/** One line of JSON a row. */
export const linesOf = (part: Part, columns: readonly Column[]) =>
  `select row_to_json(x)::text as line
     from (select ${listed(columns)} from ${part.from} order by ${part.order}) x`

/** How many rows, and the sum of a number made of each line: it depends on every byte, and on no order. */
export type Sum = { readonly rows: number; readonly sum: bigint }

/** The number of a line: the first 64 bits of its SHA-256 (`lineNumber` in src/cli/archive-store.ts). */
const numberOf = (line: string) =>
  `('x' || left(encode(sha256(convert_to(${line}, 'UTF8')), 'hex'), 16))::bit(64)::bigint`

/** Reads the sum of the lines that a statement returns. @param tables expressions that it reads from */
export async function sumOf(
  tx: Queryable,
  lines: string,
  tables: readonly string[] = [],
  values?: readonly unknown[],
): Promise<Sum> {
  const [row] = await tx.query<{ rows: number; sum: string }>(
    `with ${[...tables, `lines as (${lines})`].join(', ')}
     select count(*)::int as rows, coalesce(sum(${numberOf('line')}), 0)::text as sum from lines`,
    values,
  )
  return { rows: row?.rows ?? 0, sum: BigInt(row?.sum ?? 0) }
}

export const addSums = (sums: readonly Sum[]): Sum => ({
  rows: sums.reduce((all, one) => all + one.rows, 0),
  sum: sums.reduce((all, one) => all + one.sum, 0n),
})

export const isSame = (a: Sum, b: Sum) => a.rows === b.rows && a.sum === b.sum

/** The versions of rows as one number: every change of a row changes its `xmin`. */
export async function versions(tx: Queryable, part: Part): Promise<Sum> {
  const [row] = await tx.query<{ rows: number; sum: string }>(
    `select count(*)::int as rows,
            coalesce(sum(hashint8extended(t.id, t.xmin::text::bigint)), 0)::text as sum
       from ${part.from}`,
  )
  return { rows: row?.rows ?? 0, sum: BigInt(row?.sum ?? 0) }
}

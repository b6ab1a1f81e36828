// Lists as CSV (RFC 4180), streamed page by page.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { AnswerReference } from '../../http/openapi/reference.ts'

/** More than a spreadsheet is comfortable with; whoever needs more asks by periods. */
export const maxCsvRows = 100_000
/** Rows that are read and written at a time. */
const pageRows = 500

export type Cell = string | number | null

export type CsvList<Row> = {
  readonly filename: string
  readonly columns: readonly (readonly [name: string, cell: (row: Row) => Cell])[]
  /** Reads a page: the rows after one, null at first. */
  readonly page: (after: Row | null, limit: number) => Promise<readonly Row[]>
}

/** Sends at most `maxCsvRows` rows. The first page is read before the answer begins, so that a failure there
 * is answered as one; a later one breaks the connection, and no file ends as if it were whole. */
export async function sendCsv<Row>(reply: FastifyReply, list: CsvList<Row>): Promise<FastifyReply> {
  const first = await list.page(null, pageRows)
  reply.headers({
    'cache-control': 'private, no-store',
    'content-disposition': `attachment; filename="${list.filename}"`,
    'x-content-type-options': 'nosniff',
  })
  return reply.type('text/csv; charset=utf-8').send(Readable.from(textOf(list, first)))
}

async function* textOf<Row>(list: CsvList<Row>, first: readonly Row[]) {
  yield lineOf(list.columns.map(([name]) => name))
  let page = first
  for (let sent = 0; page.length > 0; ) {
    sent += page.length
    yield page.map((row) => lineOf(list.columns.map(([, cell]) => cell(row)))).join('')
    const wanted = Math.min(pageRows, maxCsvRows - sent)
    if (page.length < pageRows || wanted === 0) return
    page = await list.page(page.at(-1) as Row, wanted)
  }
}

const lineOf = (cells: readonly Cell[]) => `${cells.map(cellText).join(',')}\r\n`

/** A spreadsheet runs a text that begins like a formula. A plain number is none, also with a sign. */
const isFormula = (text: string) => /^[=+\-@\t\r\n]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text)

/** One value as a spreadsheet may read it: quoted, and never run as a formula. */
function cellText(value: Cell): string {
  const plain = value === null ? '' : String(value)
  const text = isFormula(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvText = z.string()

/** How the reference shows it. */
export const csvAnswer = (example: string): AnswerReference => ({
  description:
    `The list as CSV in UTF-8, at most ${maxCsvRows.toLocaleString('en')} rows. Text that a spreadsheet ` +
    'would run as a formula begins with an apostrophe.',
  contentTypes: ['text/csv'],
  examples: [{ summary: 'The head and a row', value: example }],
})

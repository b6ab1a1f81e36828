// Tables in files as spreadsheets write them: CSV (RFC 4180, with commas or semicolons) and TSV.

export type TableLine = { readonly at: number; readonly cells: readonly string[] }

/** The rows of a table. Quoted cells may contain separators and line ends. */
export function readTable(text: string): TableLine[] {
  const body = text.replace(/^\ufeff/, '')
  const separator = separatorOf(body)
  const rows: TableLine[] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let line = 1
  let startedAt = 1
  const endCell = () => {
    cells.push(cell.trim())
    cell = ''
  }
  const endRow = () => {
    endCell()
    if (cells.some((one) => one !== '')) rows.push({ at: startedAt, cells })
    cells = []
  }
  for (let i = 0; i < body.length; i++) {
    const char = body[i] as string
    if (char === '\n') line++
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (body[i + 1] === '"') cell += body[++i]
      else isQuoted = false
    } else if (char === '"' && cell.trim() === '') {
      cell = ''
      isQuoted = true
    } else if (char === separator) endCell()
    else if (char === '\n') {
      endRow()
      startedAt = line
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || cells.length > 0) endRow()
  return rows
}

/** The separator of the header: a tab, otherwise a semicolon, otherwise a comma. */
function separatorOf(text: string): string {
  const [header = ''] = text.split('\n', 1)
  if (header.includes('\t')) return '\t'
  return header.includes(';') ? ';' : ','
}

/** Writes rows as a file. */
export function writeTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
  separator: ',' | '\t',
): string {
  const write = (cell: string) =>
    /[",\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
  return lines.map((cells) => `${cells.map(write).join(separator)}\n`).join('')
}

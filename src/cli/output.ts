// Output of commands: one line with --json, otherwise tables.
import type { Command } from 'commander'
import * as read from './arguments.ts'

/** The options that every command has. */
export type Shown = { readonly json?: boolean }

/** An object to print, with the names of the JSON output. */
export type Thing = Readonly<Record<string, unknown>>

const jsonOption = ['--json', 'Print one line of JSON and nothing else'] as const

/** Declares a command of a noun. */
export function verb(noun: Command, usage: string, summary: string): Command {
  return noun
    .command(usage)
    .description(summary)
    .option(...jsonOption)
}

/** Declares the command that a noun is without a verb. */
export const soleVerb = (noun: Command) => noun.option(...jsonOption)

/** The options of commands that change something. */
export type Reasoned = Shown & { readonly reason?: string }

/** Declares a command that changes something. Its reason is kept in the operator log. */
export function act(noun: Command, usage: string, summary: string): Command {
  return verb(noun, usage, summary).option(
    '--reason <text>',
    'The reason, for the operator log',
    read.reason,
  )
}

/** The same, for commands that require a reason. */
export function reasonedAct(noun: Command, usage: string, summary: string): Command {
  return verb(noun, usage, summary).requiredOption(
    '--reason <text>',
    'The reason, for the operator log',
    read.reason,
  )
}

/** Prints one object; without --json, one line per field. */
export function printThing(shown: Shown, thing: Thing): void {
  const rows = Object.entries(thing).map(([name, value]) => [name, cellOf(value)])
  process.stdout.write(shown.json ? jsonLine(thing) : aligned(rows))
}

/** Prints an object that contains lists; without --json, each list as a table below the other fields. */
export function printReport(shown: Shown, thing: Thing): void {
  if (shown.json) {
    printThing(shown, thing)
    return
  }
  const parts = Object.entries(thing)
  const isTable = (value: unknown): value is Thing[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null)
  printThing(shown, Object.fromEntries(parts.filter(([, value]) => !isTable(value))))
  for (const [name, value] of parts)
    if (isTable(value)) process.stdout.write(`\n${name}\n${tableOf(value)}`)
}

/** Prints several objects of one kind; without --json, as a table. */
export function printList(shown: Shown, things: readonly Thing[]): void {
  process.stdout.write(shown.json ? jsonLine(things) : tableOf(things))
}

function tableOf(things: readonly Thing[]): string {
  const [first] = things
  if (!first) return 'none\n'
  const names = Object.keys(first)
  return aligned([names, ...things.map((thing) => names.map((name) => cellOf(thing[name])))])
}

const jsonLine = (value: unknown) => `${JSON.stringify(value, plainBigint)}\n`

/** Row numbers and sizes. Money is already text here. */
function plainBigint(_name: string, value: unknown) {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cellOf).join(' ')
  if (typeof value === 'object') return visible(JSON.stringify(value, plainBigint))
  return visible(String(value))
}

/** Senders and names are untrusted text: no control character reaches a terminal. */
const visible = (text: string) => text.replace(/\p{Cc}/gu, '\ufffd')

function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows
    .map((row) => row.map((cell, i) => cell.padEnd(widths[i] as number)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

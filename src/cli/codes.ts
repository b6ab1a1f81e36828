// `numlet codes`: finds one-time codes in messages, to try and to evaluate it. It needs no database.
import { once } from 'node:events'
import type { Command } from 'commander'
import type { Service } from '../core/catalog/catalog.ts'
import { type ServiceRow, services } from '../core/catalog/data/load.ts'
import { type CodeRule, type CodeSource, extractCode, reasonsOf } from '../core/codes/extract.ts'
import { objectOf } from '../core/codes/labelled.ts'
import { KnownNames } from '../core/codes/names.ts'
import { allNames, type Hints, namesOf } from '../core/messages/hints.ts'
import { identifier } from '../core/messages/identify.ts'
import { checkFile } from './codes-check.ts'
import { type Line, linesOf } from './lines.ts'
import { verb } from './output.ts'

export function addCodes(noun: Command): void {
  verb(noun, 'extract', 'Find the code in each message: one JSON line in, one JSON line out')
    .argument(
      '<file.jsonl>',
      'File with lines of {"id", "text", "sender"?, "channel"?, "subject"?}; - reads stdin',
    )
    .option('--explain', 'Add what decided about the likeliest candidate, the weightiest first')
    .action(extract)
  verb(noun, 'check', 'Check that harmless changes of labelled messages change no answer')
    .argument(
      '<file.jsonl>',
      'File with lines of {"id", "text", "expected", "sender"?, "channel"?, "subject"?}; - reads stdin',
    )
    .action(checkFile)
}

type Message = {
  readonly id: unknown
  readonly text: string
  readonly sender: string | null
  readonly subject: string | null
  readonly channel: 'sms' | 'email'
}

async function extract(path: string, { explain = false }: { readonly explain?: boolean }) {
  for await (const lines of linesOf(path)) {
    // One write for many lines: a write per line costs more than finding the code.
    const answers = lines.map((line) => answerTo(line, explain)).join('')
    if (answers !== '' && !process.stdout.write(answers))
      await once(process.stdout, 'drain').catch(() => {})
    // The reader of our output has closed it.
    if (!process.stdout.writable) return
  }
}

function answerTo(line: Line, isExplained: boolean): string {
  if (line.text?.trim() === '') return ''
  const message = messageOf(line)
  if (typeof message === 'string') {
    process.stderr.write(`line ${line.at}: ${message}; skipped\n`)
    process.exitCode = 1
    return ''
  }
  const source = { ...message, ...hintsFor(message) }
  const found = extractCode(source)
  return `${JSON.stringify({
    id: message.id,
    code: found.code,
    confidence: found.confidence,
    runner_up: found.runnerUp,
    ...(isExplained ? { reasons: explained(source) } : {}),
  })}\n`
}

/** Reasons that are told: the others add next to nothing. */
const maxReasons = 10

/** What decided, and how much each group of features adds. */
function explained(source: CodeSource) {
  const reasons = reasonsOf(source)
  const groups: Record<string, number> = {}
  for (const { feature, adds } of reasons) {
    const group = feature.split('.', 1)[0] ?? ''
    groups[group] = rounded((groups[group] ?? 0) + adds)
  }
  const features = reasons
    .slice(0, maxReasons)
    .map(({ adds, value, feature }) => ({ feature, value: rounded(value), adds: rounded(adds) }))
  return { groups, features }
}

const rounded = (value: number) => Math.round(value * 100) / 100

/** The message of a line, or what is wrong with it. */
function messageOf({ text }: Line): Message | string {
  if (text === null) return 'is too long'
  const fields = objectOf(text)
  if (typeof fields === 'string') return fields
  if (typeof fields.text !== 'string') return 'has no "text"'
  return {
    id: fields.id ?? null,
    text: fields.text,
    sender: typeof fields.sender === 'string' ? fields.sender : null,
    subject: typeof fields.subject === 'string' ? fields.subject : null,
    channel: fields.channel === 'email' ? 'email' : 'sms',
  }
}

const identify = identifier(services.map(serviceOf))
const ofService = new Map<number, Hints>()

/** Rules and names of the service that the message names most clearly, as when it arrives for an order. */
function hintsFor({ text, sender }: Message): Hints {
  const [sign] = identify({ text, sender: sender ?? '' })
  const names = allNames()
  const row = sign && services.find(({ number }) => number === sign.serviceId)
  if (!row) return { names }
  const rules = row.rules.map((pattern): CodeRule => ({ pattern }))
  const hints = ofService.get(row.number) ?? { names, rules, service: new KnownNames(namesOf(row)) }
  ofService.set(row.number, hints)
  return hints
}

function serviceOf(row: ServiceRow): Service {
  return {
    id: row.number,
    uuid: row.uuid,
    slug: row.slug,
    name: row.name,
    category: row.category,
    senders: row.senders,
    words: row.words,
    rules: [],
    takesAny: row.takesAny,
    site: row.site,
    ids: row.ids,
    closed: false,
    test: null,
  }
}

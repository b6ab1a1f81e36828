// `codes`: how often codes are found, how fast, and from what start, compared with other extractors.
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { knownNames } from '../src/core/catalog/names.ts'
import { checkChanges } from '../src/core/codes/changes/check.ts'
import { type LabelledMessage, outcomeOf, splits } from '../src/core/codes/labelled.ts'
import { messagesOf, others, own } from '../test/codes/corpus.ts'
import { costs, type Table } from './codes-costs.ts'
import { type Extractor, messageOf, ours, peers } from './codes-peers.ts'

const extractors = [ours, ...peers]
/** Harmless changes multiply the messages by some forty. */
const changedEvery = 10

/** Names that a service may have, in what services write. */
const templates: readonly string[] = [
  '{name} code 669766',
  '482913 is your {name} code',
  'Your {name} verification code is 482913',
  '{name}: 482913 is your verification code.',
  '[{name}] Your login code: 482913',
  'Your {name} code is 482913. It expires in 10 minutes.',
  '{name} verification code: 482913. Do not share it with anyone.',
  'Use 482913 to log in to {name}.',
  'Enter 482913 to confirm your {name} account.',
  'Hi, 482913 is your one-time password for {name}.',
  '<#> 482913 is your {name} code.',
]

/** @param paths - files of labelled messages besides our own */
export function* codes(paths: readonly string[]): Generator<Table> {
  const given = paths.map((path) => [basename(path), messagesOf(pathToFileURL(path))] as const)
  const shared = paths.length === 0 && others.length > 0 ? [['dev.jsonl', others] as const] : []
  const sets: (readonly [string, readonly LabelledMessage[]])[] = [
    ...given,
    ...shared,
    ...splits.map(
      (split) => [`our own, ${split}`, own.filter((message) => message.split === split)] as const,
    ),
  ]
  for (const [name, messages] of sets) yield figures(name, messages)
  yield changes()
  yield names()
  yield* costs(own, extractors)
}

const percent = (part: number, whole: number) =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`

function figures(set: string, messages: readonly LabelledMessage[]): Table {
  const rows = extractors.map(({ name, codeIn }) => {
    const count = { exact: 0, wrong: 0, missed: 0, false: 0 }
    for (const message of messages) count[outcomeOf(codeIn(message), message.expected)]++
    const codeless = messages.filter(({ expected }) => expected === null).length
    const coded = messages.length - codeless
    return [
      name,
      percent(count.exact, messages.length),
      percent(count.wrong, coded),
      percent(count.missed, coded),
      percent(count.false, codeless),
    ]
  })
  const title = `${set}: ${messages.length} messages`
  return { title, columns: ['exact', 'wrong', 'missed', 'false positives'], rows }
}

function changes(): Table {
  const sample = own.filter((_, i) => i % changedEvery === 0)
  const known = knownNames()
  let tried = 0
  const rows = extractors.map(({ name, codeIn }) => {
    const check = checkChanges(sample, known, codeIn)
    tried = Math.max(tried, check.tried)
    return [name, percent(check.kept, check.tried)]
  })
  const title = `harmless changes of every tenth message of our own: up to ${tried}`
  return { title, columns: ['right answers that stay'], rows }
}

function names(): Table {
  const known = knownNames()
  const count = known.length * templates.length
  const row = (name: string, { codeIn }: Extractor, isServiceKnown: boolean) => {
    let right = 0
    for (const template of templates)
      for (const service of known) {
        const text = template.replace('{name}', service)
        const code = codeIn(messageOf(text), isServiceKnown ? service : undefined)
        if (code === /\d{6}/.exec(template)?.[0]) right++
      }
    return [name, percent(right, count), `${count - right}`]
  }
  const rows = [
    row('numlet, which knows the service', ours, true),
    ...extractors.map((extractor) => row(extractor.name, extractor, false)),
  ]
  const title = `${known.length} names in ${templates.length} templates: ${count} messages`
  return { title, columns: ['right', 'not right'], rows }
}

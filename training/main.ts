// `npm run codes:train`: fits the model that finds codes in messages, and writes src/core/codes/weights.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { services } from '../src/core/catalog/data/load.ts'
import { featureNames } from '../src/core/codes/features.ts'
import { type Forest, treesAsText } from '../src/core/codes/forest.ts'
import type { LabelledMessage } from '../src/core/codes/labelled.ts'
import { isOfBatch, others, own } from '../test/codes/corpus.ts'
import { calibration } from './calibrate.ts'
import { figuresOf, guesses, lineOf, ruledGuesses, tableHead } from './figures.ts'
import { augmented, fitForest, forgetting, hashOf, plain, thresholds } from './fit.ts'
import type { Example } from './samples.ts'

const file = new URL('../src/core/codes/weights.json', import.meta.url)
const names = services.map(({ name }) => name)
/** Changes of each message that the threshold and the calibration are taken from. */
const tuneChanges = 8

/** With these all that the rules choose is an answer. */
const rulesAlone = { agreed: 0, alone: 2, near: 2, told: 2, awaited: 2 }

const say = (line: string) => process.stdout.write(`${line}\n`)
const inSplit = (wanted: string) => own.filter(({ split }) => split === wanted)

function main(): void {
  const { values } = parseArgs({ options: { frozen: { type: 'boolean', default: false } } })
  const train = fitted(inSplit('train'))
  const tune = augmented(inSplit('tune'), names, tuneChanges)
  say(`Fitting to ${train.length} messages and changes of messages.`)
  const forest = fitForest(train)
  const guessed = guesses(forest, tune)
  say(`\n${tableHead}`)
  const sets: Record<string, readonly Example[]> = {
    'tune, with changes': tune,
    tune: plain(inSplit('tune')),
    'tune, batches': plain(inSplit('tune').filter(isOfBatch)),
    'tune, themes': plain(inSplit('tune').filter((message) => !isOfBatch(message))),
    ...(others.length > 0 ? { 'public set': plain(others) } : {}),
    ...(values.frozen ? { frozen: plain(inSplit('frozen')) } : {}),
  }
  const figures = Object.entries(sets).map(([name, set]) => {
    const found = figuresOf(guesses(forest, set), thresholds)
    say(lineOf(`${name}: rules alone`, figuresOf(ruledGuesses(forest, set), rulesAlone)))
    say(lineOf(name, found))
    return [name, found] as const
  })
  // The figures are those of a forest that has not seen `tune`; what is shipped has learnt from both.
  const both = own.filter(({ split }) => split !== 'frozen')
  write(fitForest(fitted(both)), {
    corpus: hashOf(both),
    figures: Object.fromEntries(figures.filter(([name]) => name.startsWith('tune'))),
    thresholds,
    calibration: calibration(guessed),
  })
}

/** What a forest is fitted to. */
function fitted(messages: readonly LabelledMessage[]): Example[] {
  return [...augmented(messages, names), ...forgetting(messages)]
}

/** Writes the weights, with today's date unless they are those that are there. */
function write(forest: Forest, facts: Readonly<Record<string, unknown>>): void {
  const used = [...new Set(forest.features)].sort((a, b) => a - b)
  const weights = {
    ...facts,
    depth: forest.depth,
    start: { ...forest.start, feature: featureNames[forest.start.feature] },
    features: used.map((feature) => featureNames[feature]),
    trees: treesAsText(forest, (feature) => used.indexOf(feature)),
  }
  const { date, ...known } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const isKnown = JSON.stringify(known) === JSON.stringify(weights)
  const today = new Date().toISOString().slice(0, 10)
  const text = JSON.stringify({ date: isKnown ? date : today, ...weights }, null, 2)
  writeFileSync(file, `${text}\n`)
  say(isKnown ? '\nThe weights are those that there were.' : `\nWritten to ${file.pathname}`)
}

main()

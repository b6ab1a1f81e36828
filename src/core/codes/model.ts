// The fitted model: how likely each candidate of a message is the code. `npm run codes:train` writes it.

import type { Candidate } from './candidate.ts'
import { featureCount, featureNames, featuresOf } from './features.ts'
import { explainRow, type Forest, forestOf, scoreRow, sharesOf } from './forest.ts'
import type { Message } from './relation.ts'
import weights from './weights.json' with { type: 'json' }

type Weights = {
  readonly depth: number
  readonly start: { readonly feature: string; readonly slope: number; readonly zero: number }
  /** The names of the features that the trees look at. */
  readonly features: readonly string[]
  readonly trees: readonly string[]
  readonly thresholds: Thresholds
  readonly calibration: Calibration
}

/** From which share on the likeliest candidate is the answer. */
export type Thresholds = {
  /** If the rules choose it as well. */
  readonly agreed: number
  /** If they choose none, or another. */
  readonly alone: number
  /** If they come so close to choosing it that hardly a point is missing. */
  readonly near: number
  /** If its sentence speaks of codes, of entering or of confirming, and the message of no door or card. */
  readonly told: number
  /** If it is from the service that a code is awaited from. */
  readonly awaited: number
}

/** How often the likeliest candidate is the code, by its share: points of lines that never fall. */
export type Calibration = {
  readonly agreed: readonly (readonly number[])[]
  readonly alone: readonly (readonly number[])[]
}

export type Judged = {
  readonly candidate: Candidate
  /** How likely this number is the code, wherever in the message it stands. */
  readonly share: number
  /** True if the rules alone would choose it. */
  readonly isAgreed: boolean
  /** The points of the rules that another one does not reach. */
  readonly points: number
  /** True if its sentence speaks of codes, of entering or of confirming, and the message of no thing. */
  readonly isTold: boolean
}

type Model = {
  readonly forest: Forest
  readonly thresholds: Thresholds
  readonly calibration: Calibration
}

/** Makes a model of its weights. */
function modelOf({ depth, start, features, trees, ...rest }: Weights): Model {
  const places = features.map(placeOf)
  const first = { ...start, feature: placeOf(start.feature) }
  return {
    forest: forestOf(depth, first, trees, (name) => places[name] ?? 0),
    ...rest,
  }
}

function placeOf(name: string): number {
  const place = featureNames.indexOf(name)
  if (place < 0) throw new Error(`weights.json has a feature that there is not: ${name}`)
  return place
}

let shipped: Model | null = null

/** The model that comes with the program. */
export function shippedModel(): Model {
  shipped ??= modelOf(weights)
  return shipped
}

/** Each number of a message once, the likeliest first. */
export function judge(message: Message, { forest }: Model): Judged[] {
  return ranked(message.candidates, featuresOf(message), forest)
}

/** Candidates by what a forest makes of their rows. A number that is there twice has both its shares. */
export function ranked(
  candidates: readonly Candidate[],
  table: Float32Array,
  forest: Forest,
): Judged[] {
  const shares = new Float64Array(candidates.length)
  for (let i = 0; i < shares.length; i++) shares[i] = scoreRow(forest, table, i * featureCount)
  sharesOf(shares, 0, shares.length, shares)
  const judged: Rank[] = []
  candidates.forEach((candidate, i) => {
    const share = shares[i] as number
    const points = leadingPoints(table, i * featureCount)
    const isAgreed = points >= minTotal
    const refused = isRefused(table, i * featureCount)
    const code = candidate.code.toLowerCase()
    const known = judged.find((one) => one.code === code)
    if (!known) {
      judged.push({
        ...{ code, candidate, best: share, share, isAgreed, points },
        ...{ isRefused: refused, isTold: isTold(table, i * featureCount) },
      })
      return
    }
    if (share > known.best) {
      known.candidate = candidate
      known.best = share
    }
    known.share += share
    known.isAgreed ||= isAgreed
    known.points = Math.max(known.points, points)
    known.isRefused ||= refused
  })
  for (const one of judged) if (one.isRefused && !one.isAgreed) one.share = 0
  return judged.length > 1 ? judged.sort((a, b) => b.share - a.share) : judged
}

/** What is made of a number while its places are looked at. */
type Rank = {
  readonly code: string
  candidate: Candidate
  /** The share of its best place. */
  best: number
  share: number
  isAgreed: boolean
  points: number
  isRefused: boolean
  readonly isTold: boolean
}

const toldAt = featureNames.indexOf('place.told')
const lengthAt = featureNames.indexOf('shape.length')
const courierDigits = 4
const saidAt = (kind: string) => featureNames.indexOf(`said.${kind}`)
const said = {
  ...{ thing: saidAt('thing'), other: saidAt('other'), auth: saidAt('auth') },
  ...{ warn: saidAt('warn'), time: saidAt('time') },
}
const totalAt = featureNames.indexOf('rule.total')
const leadAt = featureNames.indexOf('rule.lead')
const refusalAt = featureNames.indexOf('rule.refusal')
/** Points from which on the rules choose a candidate. */
export const minTotal = 2.65
/** How far it has to be ahead. */
const minLead = 0.3
/** From here on a number is another thing's beyond doubt, as in "[#441092]". */
const maxRefusal = -3.6

/** The points of a candidate that is ahead of all others by them; very few if it is not. */
function leadingPoints(table: Float32Array, from: number): number {
  return (table[from + leadAt] as number) >= minLead ? (table[from + totalAt] as number) : -9
}

/**
 * A sentence that speaks of codes, in a message that speaks of no door, card or SIM. Four digits beside
 * an order or a parcel are told to a courier, unless there is talk of confirming, a warning, or how long they
 * last.
 */
function isTold(table: Float32Array, from: number): boolean {
  const says = (place: number) => table[from + place] === 1
  if (!says(toldAt) || says(said.thing)) return false
  if (!says(said.other) || table[from + lengthAt] !== courierDigits) return true
  return says(said.auth) || says(said.warn) || says(said.time)
}

function isRefused(table: Float32Array, from: number): boolean {
  return (table[from + refusalAt] as number) <= maxRefusal
}

/** Over so many points below `minTotal` the share that is needed falls from `alone` to `near`. */
const nearPoints = 0.6

/** True if enough speaks for the likeliest candidate. */
export function isEnough(
  { share, isAgreed, points, isTold }: Pick<Judged, 'share' | 'isAgreed' | 'points' | 'isTold'>,
  { agreed, alone, near, told }: Thresholds,
): boolean {
  if (isAgreed) return share >= agreed
  if (isTold && share >= told) return true
  const missing = Math.min(1, (minTotal - points) / nearPoints)
  return share >= near + (alone - near) * missing
}

/** How sure to be of a candidate. */
export function confidenceOf({ share, isAgreed }: Judged, { calibration }: Model): number {
  let [below, low] = [0, 0]
  const points = isAgreed ? calibration.agreed : calibration.alone
  for (let i = 0; i < points.length; i++) {
    const above = points[i]?.[0] ?? 1
    const high = points[i]?.[1] ?? 1
    if (share <= above) return low + ((share - below) / (above - below || 1)) * (high - low)
    below = above
    low = high
  }
  return low
}

/** What speaks for a candidate and against it. */
export type Reason = {
  readonly feature: string
  readonly value: number
  /** What it adds to the score; the score of "no code" is 0. */
  readonly adds: number
}

/** What decided: the features of a candidate, the weightiest first. */
export function reasonsFor(message: Message, candidate: Candidate, { forest }: Model): Reason[] {
  const row = message.candidates.indexOf(candidate)
  const values = featuresOf(message).slice(row * featureCount, (row + 1) * featureCount)
  return [...explainRow(forest, values, 0)]
    .map((adds, i) => ({ feature: featureNames[i] ?? '', value: values[i] ?? 0, adds }))
    .filter(({ adds }) => adds !== 0)
    .sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds))
}

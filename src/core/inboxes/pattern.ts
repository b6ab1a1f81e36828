// A customer's pattern for the code: RE2, which takes linear time whatever is written in it.
import { RE2JS } from 're2js'
import { DomainError } from '../error.ts'

const maxPatternLength = 500
/** Steps of a search are the program's size times the text's length: kept to some hundredths of a second. */
const maxProgramSize = 500
const maxTextRead = 8_000
const maxCodeLength = 2_000

/** @throws invalid_request naming the field `pattern`, when it is none or too large */
export function assertPattern(pattern: string): void {
  const detail = faultOf(pattern)
  if (detail !== null)
    throw new DomainError('invalid_request', `The pattern ${detail}.`, {
      fields: [{ pointer: '/pattern', detail }],
    })
}

function faultOf(pattern: string): string | null {
  if (pattern.length === 0 || pattern.length > maxPatternLength)
    return `must have 1 to ${maxPatternLength} characters`
  try {
    return RE2JS.compile(pattern).programSize() > maxProgramSize ? 'is too large' : null
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return `is no regular expression of linear time (${error.message.slice(0, 200)})`
  }
}

/** What the pattern finds in the first of the texts that it matches: its first group, else the match. */
export function findByPattern(pattern: string, texts: readonly string[]): string | null {
  const compiled = RE2JS.compile(pattern)
  for (const text of texts) {
    const matcher = compiled.matcher(text.slice(0, maxTextRead))
    if (!matcher.find()) continue
    const found = (matcher.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? ''
    const code = found.trim().slice(0, maxCodeLength)
    if (code !== '') return code
  }
  return null
}

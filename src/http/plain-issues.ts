// What is wrong with a value, in plain words, where a schema has no words of its own.
import type { z } from 'zod'

type Issue = z.core.$ZodRawIssue

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'a time in ISO 8601 with its zone, such as 2026-05-19T10:30:00Z',
  url: 'a URL',
  uuid: 'a UUID',
  email: 'an e-mail address',
}

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'items' }

/** The text for an issue. It follows the name of the field: `limit` and `must be at most 100`. */
function plainText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required'
        : `must be ${kinds[issue.expected] ?? 'valid'}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'invalid_format':
      return formats[issue.format] ? `must be ${formats[issue.format]}` : 'has a wrong form'
    case 'too_small':
      return sized('at least', issue.minimum, issue.origin)
    case 'too_big':
      return sized('at most', issue.maximum, issue.origin)
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : unionText(issue.errors)
    default:
      return 'is not valid'
  }
}

function sized(bound: string, size: number | bigint, origin: string): string {
  const unit = units[origin]
  if (!unit) return `must be ${bound} ${size}`
  return `must have ${bound} ${size} ${Number(size) === 1 ? unit.slice(0, -1) : unit}`
}

/** The problem of the member that accepts this type, or else the types of all members. */
function unionText(members: readonly (readonly z.core.$ZodIssue[])[]): string {
  const issues = members.flatMap(([first]) => (first ? [first] : []))
  if (issues.some(({ path }) => path.length > 0)) return 'is not valid'
  const closest = issues.find(({ code }) => code !== 'invalid_type')
  if (closest) return closest.message
  const types = issues.map(({ message }) => message.replace(/^must be /, ''))
  return `must be ${[...new Set(types)].join(' or ')}`
}

/** Validates requests for Fastify. The error is that of zod, whose paths tell `/` in a name from a level. */
export const validatorCompiler =
  ({ schema }: { schema: z.ZodType }) =>
  (data: unknown) => {
    const parsed = schema.safeParse(data, { error: plainText })
    return parsed.success ? { value: parsed.data } : { error: parsed.error }
  }

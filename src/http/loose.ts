// Lenient parsing for the dialects, as the original services do it: empty and null count as absent, enum
// values are accepted in any case, and digits are accepted as text or as a number. The route's own schemas
// say what each field must be. `/v1` does not use this.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

type Reader = (value: unknown) => unknown

/** Applies to the parameters and bodies of all routes added to the scope after this call. */
export function readLoosely(scope: FastifyInstance): void {
  scope.addHook('preValidation', async (request) => {
    const { params, querystring, body } = (request.routeOptions.schema ?? {}) as Schemas
    if (params) request.params = readerFor(params)(request.params)
    if (querystring) request.query = readerFor(querystring)(request.query)
    if (body) request.body = readerFor(body)(request.body)
  })
}

type Schemas = { params?: z.ZodType; querystring?: z.ZodType; body?: z.ZodType }

const readers = new WeakMap<z.ZodType, Reader>()

/** Returns a function that converts input to what the schema accepts, if the meaning is clear. It leaves
 * everything else as it is, for the schema to refuse. */
function readerFor(schema: z.ZodType): Reader {
  let reader = readers.get(schema)
  if (!reader) {
    reader = readerOf(schema)
    readers.set(schema, reader)
  }
  return reader
}

const asItIs: Reader = (value) => value

function readerOf(schema: z.ZodType): Reader {
  if (schema instanceof z.ZodObject) return objectReader(schema)
  if (schema instanceof z.ZodArray) return arrayReader(schema)
  if (schema instanceof z.ZodUnion) return unionReader(schema)
  if (schema instanceof z.ZodBoolean) return wordReader([true, false])
  if (schema instanceof z.ZodEnum) return wordReader(schema.options)
  if (schema instanceof z.ZodLiteral) return literalReader(schema)
  if (schema instanceof z.ZodNumber) return (value) => (isDigits(value) ? Number(value) : value)
  const inner = innerOf(schema)
  return inner ? readerFor(inner) : asItIs
}

/** Unwraps schemas that only add something to another schema. */
function innerOf(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in as z.ZodType
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodCatch
  return isWrapper ? (schema.unwrap() as z.ZodType) : undefined
}

function objectReader(schema: z.ZodObject): Reader {
  const fields = Object.entries(schema.shape as Record<string, z.ZodType>)
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const read: Record<string, unknown> = { ...value }
    for (const [name, field] of fields)
      if (isEmpty(read[name], field)) delete read[name]
      else read[name] = readerFor(field)(read[name])
    return read
  }
}

/** A list without elements is empty only where a list is wanted. */
const isEmpty = (value: unknown, field: z.ZodType) =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0 && isList(field))

function isList(field: z.ZodType): boolean {
  const inner = innerOf(field)
  return inner ? isList(inner) : field instanceof z.ZodArray
}

function arrayReader(schema: z.ZodArray): Reader {
  const element = readerFor(schema.element as z.ZodType)
  return (value) => (Array.isArray(value) ? value.map(element) : value)
}

/** A value that a member accepts unchanged stays. Otherwise the first member that can convert it decides. */
function unionReader(schema: z.ZodUnion): Reader {
  const options = schema.options as readonly z.ZodType[]
  return (value) => {
    if (options.some((option) => option.safeParse(value).success)) return value
    for (const option of options) {
      const read = readerFor(option)(value)
      if (option.safeParse(read).success) return read
    }
    return value
  }
}

function wordReader(words: readonly unknown[]): Reader {
  const byWord = new Map(words.map((word) => [String(word).toLowerCase(), word]))
  return (value) => (typeof value === 'string' ? (byWord.get(value.toLowerCase()) ?? value) : value)
}

function literalReader(schema: z.ZodLiteral): Reader {
  return wordReader([...schema.values].filter((value) => value !== null && value !== undefined))
}

/** At most as many digits as a number can hold exactly. */
const isDigits = (value: unknown) =>
  typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)

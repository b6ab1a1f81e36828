// The bodies of vendors' requests, and the readings that come of them.
import type { InboundMessage, Reading } from './supplier.ts'

/** Fields by name, in the order in which they were sent. */
export type Form = ReadonlyMap<string, readonly string[]>

/** Vendors send some dozens of fields. Sorting and signing tens of thousands would hold up the server. */
export const maxFields = 500

/** A query or a body of the type application/x-www-form-urlencoded; null if it has more than 500 fields. */
export function formOf(text: string): Form | null {
  if (text.split('&', maxFields + 1).length > maxFields) return null
  const fields = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  }
  return fields
}

export type Json = Readonly<Record<string, unknown>>

/** @returns undefined if the body is not JSON */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** The value as an object; an empty one if it is none, so that every field of it is missing. */
export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** The value as text, if it is one, or a number; null if not. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null
}

export const ignored = (reason: string): Reading => ({ kind: 'ignored', reason })
export const unreadable = (reason: string): Reading => ({ kind: 'unreadable', reason })
export const tooManyFields = unreadable(`more than ${maxFields} fields`)

/** Messages that were read. One without text is of no use to anybody, unless it is a part of another. */
export function received(...messages: readonly InboundMessage[]): Reading {
  const kept = messages.filter(({ text, part }) => part !== undefined || text.trim() !== '')
  if (kept.length === 0) return ignored('a message without text')
  return { kind: 'messages', messages: kept }
}

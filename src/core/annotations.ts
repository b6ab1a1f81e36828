// A customer's notes on an order or a deposit: a reference and metadata. No I/O.
import { DomainError } from './error.ts'

export type Metadata = Readonly<Record<string, string>>

export type Annotations = {
  /** The customer's own identifier, such as a ticket number; not unique. */
  readonly reference: string | null
  readonly metadata: Metadata
}

export const annotationLimits = {
  /** Maximum characters of a reference. */
  reference: 200,
  /** Maximum entries of the metadata. */
  entries: 20,
  /** Maximum characters of an entry's name. */
  name: 40,
  /** Maximum characters of an entry's value. */
  value: 500,
  /** Maximum characters of a note. */
  note: 1000,
} as const

export const noAnnotations: Annotations = { reference: null, metadata: {} }

/** The requested changes; `undefined` leaves a part unchanged. */
export type AnnotationChange = {
  readonly reference?: string | null | undefined
  /** Entries to set; null removes one (RFC 7396). Null for the whole field removes all entries. */
  readonly metadata?: Readonly<Record<string, string | null>> | null | undefined
}

/** @throws invalid_request if the metadata would have too many entries */
export function changed(before: Annotations, change: AnnotationChange): Annotations {
  return {
    reference: change.reference === undefined ? before.reference : change.reference,
    metadata: change.metadata === undefined ? before.metadata : merged(before, change.metadata),
  }
}

function merged(before: Annotations, change: AnnotationChange['metadata']): Metadata {
  const all = Object.entries({ ...(change === null ? {} : before.metadata), ...change })
  const metadata = all.filter((entry): entry is [string, string] => entry[1] !== null)
  if (metadata.length > annotationLimits.entries) {
    const detail = `must have at most ${annotationLimits.entries} entries`
    throw new DomainError('invalid_request', `The metadata ${detail}.`, {
      fields: [{ pointer: '/metadata', detail }],
    })
  }
  return Object.fromEntries(metadata)
}

/** Metadata as a column value: null if there is none. */
export const metadataColumn = (metadata: Metadata): string | null =>
  Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata)

// What a customer writes on an order or a deposit: a reference of his own, and metadata. No I/O in this file.
import { DomainError } from './error.ts'

export type Metadata = Readonly<Record<string, string>>

export type Annotations = {
  /** The customer's own name for it, such as the number of a ticket; not unique. */
  readonly reference: string | null
  readonly metadata: Metadata
}

export const annotationLimits = {
  /** Characters of a reference. */
  reference: 200,
  /** Entries of the metadata. */
  entries: 20,
  /** Characters of an entry's name. */
  name: 40,
  /** Characters of an entry's value. */
  value: 500,
} as const

export const noAnnotations: Annotations = { reference: null, metadata: {} }

/** What is to change; `undefined` leaves a part as it is. */
export type AnnotationChange = {
  readonly reference?: string | null | undefined
  /** Entries to set, null to remove one (RFC 7396); null in place of all removes all. */
  readonly metadata?: Readonly<Record<string, string | null>> | null | undefined
}

/** @throws invalid_request when the metadata would have too many entries */
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

/** Metadata as a column: null where there is none. */
export const metadataColumn = (metadata: Metadata): string | null =>
  Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata)

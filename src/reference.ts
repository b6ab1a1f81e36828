// Writes the OpenAPI document in a thread of its own: that would hold the event loop for half a second.
import { extname } from 'node:path'
import { resultOf } from './http/worker.ts'

/** @param publicUrl where the API is, or null for the document's own host
 * @returns the document of all routes, as JSON */
export const writeReference = (publicUrl: string | null): Promise<string> =>
  resultOf(new URL(`./reference-worker${extname(import.meta.url)}`, import.meta.url), publicUrl)

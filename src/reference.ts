// Writes the OpenAPI document in a thread of its own: that would hold the event loop for half a second.
import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

/** @param publicUrl where the API is, or null for the document's own host
 * @returns the document of all routes, as JSON */
export async function writeReference(publicUrl: string | null): Promise<string> {
  const program = new URL(`./reference-worker${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(program, { workerData: publicUrl })
  try {
    const [text] = (await once(worker, 'message')) as [string]
    return text
  } finally {
    await worker.terminate()
  }
}

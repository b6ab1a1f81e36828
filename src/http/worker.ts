// Work that would hold the event loop: done once by a worker thread, whose first message is its result.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** @param data the thread finds it in `workerData`
 * @throws what the thread throws, or AbortError if it ends without a result */
export async function resultOf<Result>(program: URL, data?: unknown): Promise<Result> {
  const worker = new Worker(program, { workerData: data })
  const ended = new AbortController()
  worker.once('exit', () => ended.abort())
  try {
    const [result] = await once(worker, 'message', { signal: ended.signal })
    return result as Result
  } finally {
    await worker.terminate()
  }
}

// Idempotency keys by intent: whatever is clicked twice, or sent again after a lost answer, happens once.
import { isFailure } from './failure.ts'

const open = new Map<string, string>()

/** Runs what a person wants once: the same intent has the same key until it has been answered.
 * @param intent what is wanted, in words that two different wishes do not share */
export async function asOneIntent<T>(
  intent: string,
  run: (headers: { 'Idempotency-Key': string }) => Promise<T>,
): Promise<T> {
  const key = open.get(intent) ?? crypto.randomUUID()
  open.set(intent, key)
  try {
    const result = await run({ 'Idempotency-Key': key })
    open.delete(intent)
    return result
  } catch (error) {
    // Without an answer the key stays: it may have happened, and the next try finds out.
    if (isFailure(error) && !error.isPassing) open.delete(intent)
    throw error
  }
}

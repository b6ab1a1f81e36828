// What dialects with a text per failure say when a cancel comes too early.
import type { Failure } from './failure.ts'

/** `Order cannot be cancelled yet. Try again in 97 seconds.` */
export const tooEarly = (refusal: string, { detail }: Failure): string =>
  `${refusal} yet. Try again in ${detail.retryAfterS} seconds.`

// How often a test repeats something: a few times in `npm test`, many times in `npm run test:long`.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether this is the long run. */
    isLong: boolean
  }
}

/** @returns `few` in the quick run, `many` in the long one */
export const attempts = <T>(few: T, many: T): T => (inject('isLong') ? many : few)

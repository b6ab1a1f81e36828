// The filter of lists by whether services are for testing.
import { z } from 'zod'

export const testFilter = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .meta({
    description:
      'Lists test services instead of real ones. Orders of a test service always end in the same way. ' +
      'Test services come with the demo data and appear in no other list.',
    examples: ['false'],
  })

export const isTrue = (flag: 'true' | 'false' | '1' | '0') => flag === 'true' || flag === '1'

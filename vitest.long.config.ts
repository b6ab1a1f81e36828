// How the long tests run (`npm run test:long`): as the others, one file at a time, and with more patience.
import { defineConfig } from 'vitest/config'
import common from './vitest.config.ts'

const minutesMs = 60_000
const repeating = [
  'test/promises/{*-crash,crash,*-model,*-outcome}.test.ts',
  'test/promises/{own-code-only,several-services,two-servers}.test.ts',
  'test/http/bad-input*.test.ts',
  'test/http/callback-hostile.test.ts',
  'test/cli/numbers.test.ts',
  'test/codes/changes.test.ts',
  'test/db/hot-updates.test.ts',
  'test/mail/{hostile,shapes}.test.ts',
  'test/payments/any-order.test.ts',
]

export default defineConfig({
  test: {
    ...common.test,
    // And those of the quick run that repeat something, many times now.
    include: ['test/long/**/*.test.ts', ...repeating],
    provide: { isLong: true },
    exclude: ['**/node_modules/**'],
    maxWorkers: 1,
    testTimeout: 10 * minutesMs,
    hookTimeout: 5 * minutesMs,
  },
})

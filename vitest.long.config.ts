// How the long tests run (`npm run test:long`): as the others, one file at a time, and with more patience.
import { defineConfig } from 'vitest/config'
import common from './vitest.config.ts'

const minutesMs = 60_000

export default defineConfig({
  test: {
    ...common.test,
    include: ['test/long/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    maxWorkers: 1,
    testTimeout: 10 * minutesMs,
    hookTimeout: 5 * minutesMs,
  },
})

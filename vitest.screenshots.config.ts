// `npm run screenshots`: pictures of every page of the web application, for people to look at.
import { defineConfig } from 'vitest/config'
import common from './vitest.config.ts'

const minutesMs = 60_000

export default defineConfig({
  test: {
    ...common.test,
    include: ['test/web/screenshots.ts'],
    testTimeout: 30 * minutesMs,
    hookTimeout: 10 * minutesMs,
  },
})

// How the tests run: on one real PostgreSQL for the whole run, two files at a time.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    exclude: ['test/long/**', '**/node_modules/**'],
    globalSetup: ['test/harness/global-setup.ts'],
    reporters: ['default', './test/harness/closing-line.ts'],
    pool: 'forks',
    // Node runs the TypeScript itself, here as in production; nothing is transformed.
    experimental: { viteModuleRunner: false },
    maxWorkers: 2,
    // One process runs many files: the program is imported once.
    isolate: false,
    provide: { isLong: false },
    // `expect.poll` ends as soon as it is true; vitest's own second is too short for a busy machine.
    expect: { poll: { interval: 10, timeout: 60_000 } },
    // A test takes seconds; one machine may run several suites at once.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})

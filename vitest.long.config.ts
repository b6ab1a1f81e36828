// How the long tests run (`npm run test:long`): like the others, with more patience. What measures failures
// or restarts under load runs alone, one file after the other; the rest runs two files at a time.
import { defineConfig } from 'vitest/config'
import common from './vitest.config.ts'

const minutesMs = 60_000
const repeating = [
  'test/promises/{*-crash,crash,*-model,*-outcome}.test.ts',
  'test/promises/{late-codes,own-code-only,several-services,two-servers}.test.ts',
  'test/http/bad-input*.test.ts',
  'test/http/callback-hostile.test.ts',
  'test/cli/numbers.test.ts',
  'test/codes/changes.test.ts',
  'test/db/hot-updates.test.ts',
  'test/mail/{hostile,shapes}.test.ts',
  'test/payments/any-order.test.ts',
  'test/supply/smpp/{codec,text}.test.ts',
  'test/supply/upstream/failover.test.ts',
]
const alone = ['test/long/{failover,frozen-node,rolling-restart,start-drain,two-versions}.test.ts']

const { reporters, ...shared } = common.test ?? {}
const long = {
  ...shared,
  provide: { isLong: true },
  testTimeout: 10 * minutesMs,
  hookTimeout: 5 * minutesMs,
}

export default defineConfig({
  test: {
    reporters,
    projects: [
      {
        test: {
          ...long,
          name: 'alone',
          include: alone,
          exclude: ['**/node_modules/**'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...long,
          name: 'two at a time',
          // And those of the quick run that repeat something, many times now.
          include: ['test/long/**/*.test.ts', ...repeating],
          exclude: ['**/node_modules/**', ...alone],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
})

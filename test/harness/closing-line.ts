// A vitest reporter whose one line, "N passed, N failed", is the very last of a run. It also lists the files
// that failed, one a line, in the file that FAILED_TESTS names.
import { writeFileSync, writeSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

const stdout = 1

/** Counts results and prints the line when the process ends: after the summary, errors and teardown. */
export default class ClosingLine implements Reporter {
  /** A run has failed until it has ended cleanly. */
  #line = '0 passed, 1 failed'

  constructor() {
    process.once('exit', () => writeSync(stdout, `${this.#line}\n`))
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    errors: ReadonlyArray<unknown>,
    reason: TestRunEndReason,
  ): void {
    // Errors outside of tests count as one failure: a loop may throw the same error a thousand times.
    const counts = { passed: 0, failed: errors.length > 0 ? 1 : 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') counts.passed++
        if (state === 'failed') counts.failed++
      }
      // A file or a suite that fails outside of its tests (an import, a hook) counts, too.
      if (module.errors().length > 0) counts.failed++
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) counts.failed++
    }
    const { FAILED_TESTS: list } = process.env
    if (list !== undefined && errors.length === 0)
      writeFileSync(
        list,
        modules
          .filter((module) => module.state() === 'failed')
          .map((module) => `${relative(process.cwd(), module.moduleId)}\n`)
          .join(''),
      )
    if (reason !== 'passed' && counts.failed === 0) counts.failed = 1
    this.#line = `${counts.passed} passed, ${counts.failed} failed`
  }
}

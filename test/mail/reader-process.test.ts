// S1: the processes that read mail have no secrets, and end with their parent, whatever they are busy with.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { usageOf } from '../../src/isolation/usage.ts'
import { descendantsOf, eventually } from '../harness/program.ts'

/** More than a start takes. */
const busyCpuMs = 1_500
const patienceMs = 120_000

describe.skipIf(process.platform !== 'linux')('S1: processes that read mail', () => {
  it('have limits of the system and an empty environment, and end when their parent is killed', {
    timeout: 3 * patienceMs,
  }, async () => {
    const file = fileURLToPath(new URL('reader-parent.ts', import.meta.url))
    const parent = spawn(process.execPath, [file], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DATABASE_URL: 'postgres://secret' },
    })
    const pid = parent.pid as number
    try {
      // One that is in the midst of a mail, so that it hears nothing by itself.
      const busy = await eventually(
        async () => descendantsOf(pid).find((one) => (usageOf(one)?.cpuMs ?? 0) > busyCpuMs),
        patienceMs,
      )
      expect(readFileSync(`/proc/${busy}/environ`, 'utf8')).not.toContain('DATABASE_URL')
      const limits = readFileSync(`/proc/${busy}/limits`, 'utf8')
      for (const limited of ['Max core file size +0 ', 'Max file size +0 ', 'Max cpu time +300 '])
        expect(limits).toMatch(new RegExp(limited))
      expect(limits).not.toMatch(/Max data size +unlimited/)
      const children = descendantsOf(pid)
      parent.kill('SIGKILL')
      await eventually(async () => children.every((one) => usageOf(one) === null), patienceMs)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

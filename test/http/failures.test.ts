// Every failure there is has an answer in every dialect. That a code is missing is found by the compiler
// (`satisfies Record<FailureCode, ...>`); that the answer is a good one is found here.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/error.ts'
import { native } from '../../src/dialects/native/routes.ts'
import { otpwall } from '../../src/dialects/otpwall/routes.ts'
import { otpzap } from '../../src/dialects/otpzap/routes.ts'
import { whichotp } from '../../src/dialects/whichotp/routes.ts'
import { zapotp } from '../../src/dialects/zapotp/routes.ts'
import { type FailureCode, transportCodes } from '../../src/http/failure.ts'
import { sampleFailure } from '../../src/http/openapi/samples.ts'
import { httpCallback } from '../../src/supply/http-callback/routes.ts'

const codes: readonly FailureCode[] = [...errorCodes, ...transportCodes]

/** What a status may not be guessed at: HTTP itself fixes it, whatever the dialect. */
const fixed: Partial<Record<FailureCode, number>> = {
  unauthenticated: 401,
  rate_limited: 429,
  insufficient_balance: 402,
  order_not_found: 404,
  path_not_found: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  idempotency_conflict: 422,
  idempotency_running: 409,
  unavailable: 503,
  internal_error: 500,
}

/** What a server failed at, or another platform behind it. */
const ofServers: readonly FailureCode[] = [
  'internal_error',
  'unavailable',
  'supplier_rejected',
  'supply_pending',
]

describe.each([native, whichotp, otpzap, otpwall, zapotp, httpCallback])('$name', (dialect) => {
  it.each(codes)('answers %s', (code) => {
    const { status, body } = dialect.failures.write(sampleFailure(code), 'a-request')
    expect(status).toBe(fixed[code] ?? status)
    expect(status >= 400 && status < 600).toBe(true)
    if (!ofServers.includes(code)) expect(status).toBeLessThan(500)
    expect(dialect.failures.schemaOf(code).safeParse(body).error).toBeUndefined()
    expect(dialect.failures.labelOf(code)).not.toBe('')
  })

  it('tells nothing of what went wrong inside', () => {
    const { body } = dialect.failures.write(sampleFailure('internal_error'), 'a-request')
    expect(JSON.stringify(body)).not.toMatch(/at .*\.ts|select |Error:/)
  })
})

it('stands in the list for readers, with its status', () => {
  const page = readFileSync(new URL('../../docs/api/README.md', import.meta.url), 'utf8')
  for (const code of codes) {
    const { status } = native.failures.write(sampleFailure(code), '')
    const line = page.split('\n').find((one) => one.startsWith(`| ${status} |`))
    expect(line, code).toContain(`\`${code}\``)
  }
})

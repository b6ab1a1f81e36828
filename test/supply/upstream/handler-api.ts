// handler_api for tests: a supplier, and the forms in which it refuses.
import { handlerApiKind } from '../../../src/supply/handler-api/kind.ts'
import type { Upstream } from '../../../src/supply/upstream.ts'
import type { answered } from './answers.ts'

export const upstream = handlerApiKind.upstream as Upstream
export const settings = {
  url: 'https://supplier.example/stubs/handler_api.php',
  api_key: 'k3y',
  profile: 'vanilla',
  currency: 'USD',
}
export const ref = '635468024'

/** The same refusal as a bare word, with more behind it, and as the JSON of HeroSMS. */
export const forms = (word: string): Parameters<typeof answered>[] => [
  [word],
  [`${word}\n`],
  [`${word}:1`],
  [{ title: word, details: 'in words', info: {} }, 403],
  [{ status: 'error', message: word }],
  [JSON.stringify(word)],
]

export const entry = {
  activationId: ref,
  serviceCode: 'wa',
  phoneNumber: '447700900123',
  activationCost: 12.5,
  activationStatus: '4',
  smsCode: null,
  smsText: null,
  countryCode: '16',
}
export const listOf = (...entries: object[]) => ({ status: 'success', activeActivations: entries })

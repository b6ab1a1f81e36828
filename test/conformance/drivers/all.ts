// The drivers of all dialects, for tests that go through every one.
import type { DialectDriver } from '../driver.ts'
import { driver as fivesim } from './fivesim.ts'
import { driver as handlerApi } from './handler-api.ts'
import { driver as native } from './native.ts'
import { driver as otpwall } from './otpwall.ts'
import { driver as otpzap } from './otpzap.ts'
import { driver as smsverificationservice } from './smsverificationservice.ts'
import { driver as whichotp } from './whichotp.ts'
import { driver as zapotp } from './zapotp.ts'

export const drivers: Record<string, DialectDriver> = {
  fivesim,
  handlerApi,
  native,
  otpwall,
  otpzap,
  smsverificationservice,
  whichotp,
  zapotp,
}

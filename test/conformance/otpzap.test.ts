// OTPZap, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/otpzap.ts'

describeDialect(driver)

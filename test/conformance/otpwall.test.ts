// OTPWALL, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/otpwall.ts'

describeDialect(driver)

// WhichOtp, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/whichotp.ts'

describeDialect(driver)

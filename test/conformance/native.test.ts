// The native API, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/native.ts'

describeDialect(driver)

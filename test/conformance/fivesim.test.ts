// 5sim v1, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/fivesim.ts'

describeDialect(driver)

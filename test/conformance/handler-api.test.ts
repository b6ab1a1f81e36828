// handler_api, through the suite that every dialect passes.
import { describeDialect } from './dialect.ts'
import { driver } from './drivers/handler-api.ts'

describeDialect(driver)

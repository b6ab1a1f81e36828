// What is mounted on a server: the dialects for customers, and what payment gateways and suppliers call.
import { dialects } from './dialects/all.ts'
import type { Dialect } from './http/dialect.ts'
import { walletCallback } from './payments/routes.ts'
import { httpCallback } from './supply/http-callback/routes.ts'
import { supplyWebhooks } from './supply/inbound.ts'

export const everyDialect: readonly Dialect[] = [
  ...dialects,
  walletCallback,
  supplyWebhooks,
  httpCallback,
]

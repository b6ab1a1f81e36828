// The dialects: the only list of them. Their scopes and webhook formats are registered here.
import { registerScope } from '../core/accounts/scopes.ts'
import { registerFormat } from '../core/webhooks/formats.ts'
import type { Dialect } from '../http/dialect.ts'
import type { PushForms } from '../push/form.ts'
import { admin } from './back-office/routes.ts'
import { fivesim } from './fivesim/routes.ts'
import { handlerApi } from './handler-api/routes.ts'
import { native } from './native/routes.ts'
import { otpwall } from './otpwall/routes.ts'
import { otpzap } from './otpzap/routes.ts'
import { smsVerificationService } from './smsverificationservice/routes.ts'
import { whichotp } from './whichotp/routes.ts'
import { zapotp } from './zapotp/routes.ts'

const ofOthers: readonly Dialect[] = [
  whichotp,
  otpzap,
  otpwall,
  zapotp,
  smsVerificationService,
  fivesim,
  handlerApi,
]

/** In the order in which they are mounted. The first one answers for paths that belong to none. */
export const dialects: readonly Dialect[] = [native, admin, ...ofOthers]

/** The dialects that can have their own host names. */
export const dialectsWithHosts: readonly string[] = ofOthers.map(({ name }) => name)

/** How deliveries are written, by format. */
export const pushForms: PushForms = Object.fromEntries(
  dialects.flatMap(({ webhooks }) => (webhooks ? [[webhooks.name, webhooks.write]] : [])),
)

for (const { ownScope, webhooks } of dialects) {
  if (ownScope) registerScope(ownScope)
  if (webhooks) registerFormat(webhooks)
}

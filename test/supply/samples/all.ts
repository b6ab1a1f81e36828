// The samples of all kinds that have a webhook.
import { samples as httpsms } from './httpsms.ts'
import { samples as plivo } from './plivo.ts'
import type { Sample } from './sample.ts'
import { samples as smsgate } from './smsgate.ts'
import { samples as telnyx } from './telnyx.ts'
import { samples as twilio } from './twilio.ts'
import { samples as vonage } from './vonage.ts'

export const allSamples: readonly Sample[] = [
  ...twilio,
  ...telnyx,
  ...vonage,
  ...plivo,
  ...smsgate,
  ...httpsms,
]

// The configured gateways, in order of preference; the first one is the default.
import { type Gateway, GatewayError, type Gateways } from '../core/deposits/gateway.ts'
import { btcpay } from './btcpay/btcpay.ts'
import { manual } from './manual/manual.ts'
import { midtrans } from './midtrans/midtrans.ts'
import { sandbox } from './sandbox/sandbox.ts'
import type { PaymentSettings } from './settings.ts'
import { xendit } from './xendit/xendit.ts'

/** A failed gateway call, without any secrets. */
export type Trouble = {
  readonly gateway: string
  readonly call: 'invoice' | 'report' | 'refund'
  readonly kind: GatewayError['kind']
  readonly why: string
}

/** Told of the outcome of each call. */
export type GatewayWatch = {
  failed(trouble: Trouble): void
  worked(gateway: string): void
}

const unwatched: GatewayWatch = { failed: () => {}, worked: () => {} }

/** Creates the gateways that have settings. */
export async function openGateways(
  settings: PaymentSettings,
  outcomes: GatewayWatch = unwatched,
): Promise<Gateways> {
  const open: (Gateway | null)[] = [
    settings.sandbox ? sandbox : null,
    settings.midtrans && midtrans(settings.midtrans),
    settings.xendit && xendit(settings.xendit),
    settings.stripe && (await loadStripe()).stripe(settings.stripe),
    settings.btcpay && btcpay(settings.btcpay),
    settings.manual && manual(settings.manual),
  ]
  return open
    .filter((gateway) => gateway !== null)
    .map((one) => watched(withFee(one, settings.fees[one.name]), outcomes))
}

const withFee = (gateway: Gateway, feeBasisPoints = 0n): Gateway => ({
  ...gateway,
  features: { ...gateway.features, feeBasisPoints },
})

function watched(gateway: Gateway, outcomes: GatewayWatch): Gateway {
  const watch = async <T>(call: Trouble['call'], work: Promise<T>): Promise<T> => {
    try {
      const result = await work
      outcomes.worked(gateway.name)
      return result
    } catch (error) {
      if (error instanceof GatewayError)
        outcomes.failed({ gateway: gateway.name, call, kind: error.kind, why: error.message })
      throw error
    }
  }
  const { report, refund } = gateway
  return {
    ...gateway,
    invoice: (request) => watch('invoice', gateway.invoice(request)),
    ...(report ? { report: (recorded) => watch('report', report(recorded)) } : {}),
    ...(refund ? { refund: (recorded) => watch('refund', refund(recorded)) } : {}),
  }
}

/** The SDK is large, so it is loaded only when needed. */
const loadStripe = () => import('./stripe/stripe.ts')

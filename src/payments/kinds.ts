// The features of each kind of gateway, configured or not: commands need them for deposits that another
// server has created.
import type { GatewayKind } from '../core/deposits/gateway.ts'

export const gatewayKinds = {
  sandbox: { way: 'button', notices: false, answers: false, refunds: true, late: 'credit' },
  midtrans: { way: 'qris', notices: true, answers: true, refunds: true, late: 'credit' },
  xendit: { way: 'qris', notices: true, answers: true, refunds: false, late: 'credit' },
  stripe: { way: 'page', notices: true, answers: true, refunds: true, late: 'credit' },
  btcpay: { way: 'page', notices: true, answers: true, refunds: false, late: 'review' },
  manual: { way: 'transfer', notices: false, answers: false, refunds: false, late: 'credit' },
} as const satisfies Record<string, GatewayKind>

/** @returns null if no gateway has this name */
export const gatewayKindOf = (name: string): GatewayKind | null =>
  Object.hasOwn(gatewayKinds, name) ? gatewayKinds[name as keyof typeof gatewayKinds] : null

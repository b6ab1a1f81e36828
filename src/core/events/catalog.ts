// Every event there is: its name, and what it says happened.

export const eventTypes = {
  'order.created': 'An order was created. Its price is held or charged.',
  'order.code_received': 'A code arrived. The order shows the newest one.',
  'order.resend_requested': 'Another code was requested.',
  'order.finished': 'An order was finished.',
  'order.cancelled': 'An order was cancelled.',
  'order.replaced': 'A number was replaced. `replaced_by` names the new order.',
  'order.expired': 'An order expired without a code.',
  'order.failed': 'No supplier could fulfil an order.',
  'order.refunded': 'Money of an order was returned, less any fee or services that were paid.',
  'order.renewed': 'A rental was renewed.',
  'order.expiring': 'A rental ends soon.',
  'order.ended': 'A rental ended.',
  'message.received': 'A message arrived for an order.',
  'balance.low': 'The balance fell below the mark that the account has set.',
  'deposit.created': 'A deposit was created.',
  'deposit.success': 'A deposit was paid. Its amount was credited.',
  'deposit.surplus_credited': 'The surplus of a deposit was credited.',
  'deposit.expired': 'A deposit was not paid in time.',
  'deposit.failed': 'The gateway refused a deposit.',
  'deposit.review': 'A deposit was not paid as requested. The operator will decide.',
  'deposit.refunded': 'A deposit was refunded. Its amount was taken from the balance.',
  'webhook.disabled': 'A webhook endpoint was switched off because it was gone or kept failing.',
} as const satisfies Record<`${string}.${string}`, string>

export type EventType = keyof typeof eventTypes

export const isEventType = (name: string): name is EventType => Object.hasOwn(eventTypes, name)

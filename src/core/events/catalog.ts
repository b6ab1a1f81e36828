// Every event there is: its name, and what it says happened.

export const eventTypes = {
  'order.created': 'An order was created; its price is held or paid.',
  'order.allocated': 'A number was found for an order that was `allocating`.',
  'order.code_received': 'A code was received; the order shows the newest one.',
  'order.resend_requested': 'Another message was requested.',
  'order.finished': 'An order finished successfully.',
  'order.cancelled': 'The customer cancelled an order.',
  'order.replaced': 'The number was replaced with a new one; the event names the new order.',
  'order.expired': 'The order’s time ran out without a message.',
  'order.failed': 'The supplier could not deliver.',
  'order.refunded':
    'Held money was returned to the balance, less any fee and the price of services with a code.',
  'order.late_code': 'A code came after the order was over, and can be claimed.',
  'order.claimed': 'The customer paid for a late code; the order shows it.',
  'order.renewed': 'A rental was renewed for another period.',
  'order.expiring': 'A rental ends soon.',
  'order.ended': 'A rental’s time is over.',
  'message.received': 'A message was received for an order.',
  'balance.low': 'The balance fell below the threshold that the account has set.',
  'deposit.created': 'A deposit was created.',
  'deposit.success': 'A deposit was paid; its amount was added to the balance.',
  'deposit.surplus_credited': 'The surplus of an overpaid deposit was added to the balance.',
  'deposit.expired': 'A deposit was not paid in time.',
  'deposit.failed': 'A deposit failed at the gateway.',
  'deposit.review': 'A deposit was not paid as requested; the operator decides.',
  'deposit.refunded': 'A deposit was refunded; its amount was taken from the balance.',
  'webhook.disabled':
    'A webhook endpoint was disabled: it answered that it is gone, or failed for days.',
} as const satisfies Record<`${string}.${string}`, string>

export type EventType = keyof typeof eventTypes

export const isEventType = (name: string): name is EventType => Object.hasOwn(eventTypes, name)

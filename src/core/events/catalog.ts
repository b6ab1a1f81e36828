// Every event there is: its name, and what it says happened.

export const eventTypes = {
  'order.created': 'An order was made; its price is held or paid.',
  'order.code_received': 'A code came; the order shows the newest.',
  'order.resend_requested': 'One more message was asked for.',
  'order.finished': 'An order that brought what it was for is over.',
  'order.cancelled': 'The customer gave an order back.',
  'order.replaced': 'The number was swapped for a fresh one; the order names the new order.',
  'order.expired': 'The order’s time was over and nothing had come.',
  'order.failed': 'The supply said no.',
  'order.refunded':
    'The order’s money is back in the balance, less a fee or what services with a code cost.',
  'order.renewed': 'A rental goes on for its length once more.',
  'order.expiring': 'A rental ends soon.',
  'order.ended': 'A rental’s time is over.',
  'message.received': 'A message came for an order.',
  'balance.low': 'The balance fell below the mark that the account has set.',
  'deposit.created': 'A deposit was begun.',
  'deposit.success': 'A deposit was paid; its amount is in the balance.',
  'deposit.surplus_credited': 'What a deposit was paid beyond its amount is in the balance, too.',
  'deposit.expired': 'A deposit was not paid in time.',
  'deposit.failed': 'A deposit failed at the gateway.',
  'deposit.review': 'A deposit was paid otherwise than asked: the operator decides.',
  'deposit.refunded': 'A deposit was given back; its amount is taken from the balance.',
  'webhook.disabled': 'A webhook endpoint was switched off: it is gone, or failed for days.',
} as const satisfies Record<`${string}.${string}`, string>

export type EventType = keyof typeof eventTypes

export const isEventType = (name: string): name is EventType => Object.hasOwn(eventTypes, name)

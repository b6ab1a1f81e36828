// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  whichotpGetBalance: 'Returns the balance of the account.',
  whichotpListServices: 'Returns every service that can be bought, with its price.',
  whichotpBuy: 'Buys a number for a service. The price is held until a code arrives.',
  whichotpGetOrder:
    'Returns the order and its code. Ask every 5 to 10 seconds until the code is there.',
  whichotpCancel: 'Cancels an order that has no code. The money is returned at once.',
} as const

// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  zapotpGetUser: 'Returns the account and its balance.',
  zapotpListServices: 'Returns the services of a country, or the pools of one service.',
  zapotpGetSms: 'Returns the code of an order. Ask every 5 seconds until the code is there.',
  zapotpListOrders: 'Returns the orders of the account, newest first.',
  zapotpRent: 'Rents a number, for one code or for days.',
  zapotpCancel: 'Cancels an order that has no message. The money is returned at once.',
} as const

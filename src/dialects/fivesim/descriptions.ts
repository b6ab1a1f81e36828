// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  fivesimGetProfile: 'Returns the account and its balance.',
  fivesimListOrders: 'Returns the orders of a category.',
  fivesimListPayments: 'Returns what changed the balance.',
  fivesimListMaxPrices: 'Returns the maximum prices that were set.',
  fivesimSetMaxPrice: 'Sets the highest price that a purchase of a product may cost.',
  fivesimDeleteMaxPrice: 'Removes the maximum price of a product.',
  fivesimBuyActivation: 'Buys a number for one code. The price is held until the code arrives.',
  fivesimBuyHosting: 'Rents a number for days.',
  fivesimReuse: 'Buys the number of an earlier order again, for the same product.',
  fivesimCheck: 'Returns an order with its messages.',
  fivesimInbox: 'Returns the messages of an order.',
  fivesimFinish: 'Finishes an order that has its code.',
  fivesimCancel: 'Cancels an order that has no code. The money is returned at once.',
  fivesimBan: 'Reports a number that the service already knows. The money is returned at once.',
  fivesimListProducts: 'Returns the products of a country and an operator, with their prices.',
  fivesimListPrices: 'Returns the prices of products by country and operator.',
  fivesimListCountries: 'Returns the countries that have products, with their operators.',
  fivesimGetFlash: 'Returns the notice of the day.',
} as const

// The actions of the protocol.

/** What each action does. */
export const actions = {
  getBalance: 'the balance',
  getBalanceAndCashBack: 'the balance; there is no cash-back',
  getNumbersStatus: 'numbers in stock by service',
  getCountries: 'countries with their ids',
  getServicesList: 'services with their codes',
  getOperators: 'operators by country',
  getListOfCountriesAndOperators: 'countries with their operators, and services by code',
  getPrices: 'prices and stock by country and service',
  getPricesExtended: 'the same; with `freePrice=true` also the stock at each price',
  getPricesV2: 'the stock at each price',
  getPricesV3: 'price and stock by provider, which is a pool here',
  getPricesVerification: 'prices and stock by service and country',
  getTopCountriesByService: 'a service’s countries, those with the most numbers first',
  getTopCountriesByServiceRank: 'the same',
  getListOfTopCountriesByService:
    'countries where a service was recently bought, with success rates',
  getNumber: 'buys: `ACCESS_NUMBER:id:phone`',
  getNumberV2: 'buys and returns an object; a repeated `orderId` is refused',
  getMultiServiceNumber: 'buys one number for several services, with an activation for each',
  getExtraActivation: 'buys the number of a past activation again',
  checkExtraActivation: 'the price of getExtraActivation',
  reactivate: 'like getExtraActivation, but returns an object',
  reactivationPrice: 'the price of reactivate',
  reactivateOptions: 'the price of reactivate, with the duration',
  setStatus: '1 ready, 3 request another code, 6 finish, 8 (or -1 or 10) cancel',
  getStatus: '`STATUS_WAIT_CODE`, `STATUS_WAIT_RETRY:code`, `STATUS_OK:code`, `STATUS_CANCEL`',
  getStatusV2: 'the latest message as an object',
  getFullSms: 'the text of the latest message',
  getAllSms: 'all messages of an open activation',
  finishActivation: 'finishes an activation and returns 204',
  cancelActivation: 'cancels an activation and returns 204',
  getActiveActivations: 'open activations',
  getListOfActiveActivations: 'the same, with the total',
  getHistory: 'activations of a period of at most 30 days',
  getRentServicesAndCountries: 'countries, operators and services for a rental of a given duration',
  serviceCountRent: 'prices and stock of rentals by country and hours',
  getRentNumber: 'rents',
  getRentStatus: 'a rental’s messages',
  setRentStatus: '1 ends a rental, 2 cancels it',
  getRentList: 'active rentals',
  continueRentNumber: 'renews a rental',
  continueRentInfo: 'the price of continueRentNumber',
  getContinueRentPriceNumber: 'the price of continueRentNumber',
  prolong: 'renews a rental',
  prolongOptions: 'the price of prolong, with the duration',
  prolongHistory: 'payments for a rental',
} as const

const byLowerCase: ReadonlyMap<string, string> = new Map(
  Object.keys(actions).map((name) => [name.toLowerCase(), name]),
)

/** The action that a client means: case does not matter. An unknown name is returned unchanged. */
export const actionNamed = (name: string): string => byLowerCase.get(name.toLowerCase()) ?? name

// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  smsVerificationServiceGetBalance: 'Returns the balance of the wallet.',
  smsVerificationServiceGetWallet: 'Returns the balance of the wallet, wrapped in `data`.',
  smsVerificationServiceListTemporary: 'Returns the services that US numbers can be bought for.',
  smsVerificationServiceListBest: 'Returns the US services with the best success rate.',
  smsVerificationServiceListEsims: 'Returns the eSIM data plans.',
  smsVerificationServiceListRentals:
    'Returns the services that US numbers can be rented for, for 3 or 30 days.',
  smsVerificationServiceListOneDay:
    'Returns the services that US numbers can be rented for, for one day.',
  smsVerificationServiceListThirtyDays:
    'Returns the services that US numbers can be rented for, for 30 days.',
  smsVerificationServiceListCountries:
    'Returns the countries other than the US that have numbers in stock.',
  smsVerificationServiceListGlobal: 'Returns the services of a country that are in stock.',
  smsVerificationServiceOrderTemporary: 'Buys a US number for one service.',
  smsVerificationServiceOrderBest: 'Buys a US number of the offer with the best success rate.',
  smsVerificationServiceOrderGlobal: 'Buys a number of a country other than the US.',
  smsVerificationServiceOrderRental: 'Rents a US number for 3 or 30 days.',
  smsVerificationServiceOrderOneDay: 'Rents a US number for one day.',
  smsVerificationServiceOrderThirtyDays: 'Rents a US number for 30 days.',
  smsVerificationServiceOrderEsim: 'Buys an eSIM. The answer holds its activation code.',
  smsVerificationServiceListOrders: 'Returns the 50 newest orders, newest first.',
  smsVerificationServiceGetStatus:
    'Returns an order and its code; for a rental also the time left and every message.',
  smsVerificationServiceCancel: 'Cancels an order. The money is returned at once.',
  smsVerificationServiceRenew: 'Extends a rental by its length, at the current price.',
} as const

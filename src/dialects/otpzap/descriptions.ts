// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  otpzapBalance: 'Returns the balance of the account.',
  otpzapCreateTopup: 'Creates a deposit. Whoever opens `payment_url` can pay it for 30 minutes.',
  otpzapCheckTopup: 'Returns a deposit, which says whether it was paid.',
  otpzapCountries: 'Returns the countries of server 1, sorted by name.',
  otpzapServices: 'Returns the services (platforms) of server 1, sorted by name.',
  otpzapProducts: 'Returns the products of server 1 with prices and stock, page by page.',
  otpzapServer2Countries: 'Returns the countries of server 2, sorted by name.',
  otpzapServer2Services:
    'Returns the services of server 2 with their prices in a country, or in the cheapest one.',
  otpzapServer2Operators: 'Returns the operators of a country. The first one stands for any.',
  otpzapServer2Special:
    'Returns services that have numbers reserved for them. They need no country and no operator.',
  otpzapCreateOrder: 'Buys a number. The price is held until a code arrives.',
  otpzapCheckOrder: 'Returns an order with its OTP. Ask every 5 seconds until the OTP is there.',
  otpzapCancelOrder: 'Cancels a pending order. The money is returned at once.',
  otpzapFinishOrder: 'Finishes an order that has its OTP.',
  otpzapResendOrder: 'Waits for another OTP on the same number, free of charge.',
  otpzapReplaceOrder:
    'Replaces the number of an order of server 1 with another one of the same product.',
  otpzapSites:
    'Returns sites that inboxes are often bought for. Any other site can be named as well.',
  otpzapDomains: 'Returns the mail domains with their stock and prices.',
  otpzapCreateInbox: 'Buys one or more inboxes for a site.',
  otpzapCheckInbox: 'Returns an inbox with its mails. Ask again until a mail is there.',
  otpzapReorderInbox: 'Waits for another mail in the same inbox, free of charge.',
  otpzapCancelInbox: 'Cancels an inbox before a mail arrives. The money is returned, less the fee.',
  otpzapFinishInbox: 'Closes an inbox that has a mail.',
  otpzapGetWebhook: 'Returns the webhook. The secret is not included.',
  otpzapUpdateWebhook:
    'Sets up the webhook, or changes it. A new secret is made unless one is given.',
} as const

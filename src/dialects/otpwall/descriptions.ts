// What each call does, for the reference.

/** By operationId. */
export const descriptions = {
  otpwallGetBalance: 'Returns the balance of the wallet.',
  otpwallListCountries: 'Returns the countries that have numbers in stock.',
  otpwallListServices: 'Returns the services that have numbers in stock.',
  otpwallGetNumber:
    'Buys a number for a service in a country. The price is held until a code arrives.',
  otpwallGetActivation: 'Returns the status of an activation and its message.',
  otpwallChangeActivation:
    'Completes an activation that has its message, or cancels one that has none.',
} as const

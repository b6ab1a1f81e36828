// Every page and state that is looked at: by axe and the policy in tests, and by people in screenshots.

/** What stands in an address for the data of the run. */
export type Places = {
  readonly waiting: string
  readonly received: string
  readonly cancelled: string
  /** Deposits: one to be paid in the sandbox, and one that was. */
  readonly unpaid: string
  readonly paid: string
  readonly rental: string
  readonly inbox: string
  readonly esim: string
  readonly webhook: string
}

export type Shown = {
  readonly name: string
  readonly isOutside?: boolean
  /** Its address below /app. */
  path(places: Places): string
  /** A role and a name that are there when it is shown. */
  readonly until: readonly ['heading' | 'button' | 'table' | 'textbox', string]
}

export const pages: readonly Shown[] = [
  { name: 'sign-in', isOutside: true, path: () => '/sign-in', until: ['heading', 'Sign in'] },
  {
    name: 'sign-up',
    isOutside: true,
    path: () => '/sign-up',
    until: ['heading', 'Create an account'],
  },
  {
    name: 'forgot',
    isOutside: true,
    path: () => '/forgot',
    until: ['heading', 'Set a new password'],
  },
  {
    name: 'reset',
    isOutside: true,
    path: () => '/reset#token=x',
    until: ['heading', 'Choose a new password'],
  },
  {
    name: 'link-that-does-not-work',
    isOutside: true,
    path: () => '/verify',
    until: ['heading', 'This link does not work'],
  },
  {
    name: 'invitation',
    isOutside: true,
    path: () => '/invitation#token=x',
    until: ['heading', 'You are invited'],
  },
  {
    name: 'invitation-that-does-not-work',
    isOutside: true,
    path: () => '/invitation',
    until: ['heading', 'This link does not work'],
  },
  { name: 'home', path: () => '/', until: ['table', 'Open now'] },
  { name: 'buy', path: () => '/buy', until: ['heading', 'Services'] },
  { name: 'buy-offers', path: () => '/buy?q=wa%20us', until: ['table', 'Offers, cheapest first'] },
  {
    name: 'buy-rental',
    path: () => '/buy?q=telegram&kind=rental',
    until: ['table', 'Offers, cheapest first'],
  },
  {
    name: 'buy-inbox',
    path: () => '/buy?kind=email',
    until: ['table', 'Offers, cheapest first'],
  },
  { name: 'buy-esim', path: () => '/buy?kind=esim', until: ['table', 'Offers, cheapest first'] },
  {
    name: 'buy-nothing',
    path: () => '/buy?q=qqqq',
    until: ['heading', 'Buy'],
  },
  {
    name: 'order-waiting',
    path: ({ waiting }) => `/orders/${waiting}`,
    until: ['button', 'Copy the number'],
  },
  {
    name: 'order-received',
    path: ({ received }) => `/orders/${received}`,
    until: ['button', 'Copy code C'],
  },
  {
    name: 'order-cancelled',
    path: ({ cancelled }) => `/orders/${cancelled}`,
    until: ['button', 'Copy the number'],
  },
  { name: 'orders', path: () => '/orders', until: ['table', 'Orders'] },
  {
    name: 'orders-none',
    path: () => '/orders?state=failed',
    until: ['button', 'Show all'],
  },
  { name: 'wallet', path: () => '/wallet', until: ['table', 'Statement'] },
  {
    name: 'wallet-nothing-moved',
    path: () => '/wallet?from=2020-01-01&to=2020-01-31',
    until: ['button', 'Show all'],
  },
  {
    name: 'deposit-unpaid',
    path: ({ unpaid }) => `/wallet/deposits/${unpaid}`,
    until: ['button', 'Pay $25.00'],
  },
  {
    name: 'deposit-paid',
    path: ({ paid }) => `/wallet/deposits/${paid}`,
    until: ['heading', 'Top-up of $10.00'],
  },
  { name: 'settings', path: () => '/settings', until: ['heading', 'Profile'] },
  { name: 'settings-security', path: () => '/settings/security', until: ['heading', 'Password'] },
  { name: 'settings-team', path: () => '/settings/team', until: ['heading', 'People'] },
  {
    name: 'settings-notifications',
    path: () => '/settings/notifications',
    until: ['heading', 'What you are told'],
  },
  {
    name: 'rentals',
    path: () => '/rentals?kind=rental',
    until: ['heading', 'Rentals and inboxes'],
  },
  {
    name: 'rental',
    path: ({ rental }) => `/rentals/${rental}`,
    until: ['heading', 'WhatsApp'],
  },
  {
    name: 'inbox',
    path: ({ inbox }) => `/rentals/${inbox}`,
    until: ['heading', 'shop.example.com'],
  },
  {
    name: 'esim',
    path: ({ esim }) => `/rentals/${esim}`,
    until: ['heading', 'USA 5GB / 30 days'],
  },
  { name: 'keys', path: () => '/developers', until: ['table', 'Keys, newest first'] },
  {
    name: 'webhooks',
    path: () => '/developers/webhooks',
    until: ['table', 'Webhooks, oldest first'],
  },
  {
    name: 'webhook',
    path: ({ webhook }) => `/developers/webhooks/${webhook}`,
    until: ['button', 'Send a test'],
  },
  {
    name: 'examples',
    path: () => '/developers/examples?api=handler-api&language=Python',
    until: ['heading', 'Balance'],
  },
  {
    name: 'requests',
    path: () => '/developers/requests?status=2xx',
    until: ['table', 'Requests, newest first'],
  },
  { name: 'usage', path: () => '/developers/usage', until: ['table', 'Usage by Service'] },
  { name: 'not-there', path: () => '/nothing', until: ['button', 'Go to the start'] },
]

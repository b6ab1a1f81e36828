// All addresses below /app: each page is a chunk of its own and says here what it needs before it is shown.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import {
  depositQuery,
  latestOrdersQuery,
  orderQuery,
  queryClient,
  type ShownFilter,
} from './api/queries.ts'
import { Alone, Broken, NotThere, Pending } from './parts/broken.tsx'
import { Root } from './root.tsx'
import { sessionQuery } from './session/session.ts'
import { Shell } from './shell/shell.tsx'

/** Only paths of our own: an address in a link never leads to another site. */
export const ownPath = (next: unknown): string | undefined =>
  typeof next === 'string' && /^\/(?![/\\])[^\\]*$/.test(next) ? next : undefined

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined

/** Where there is no frame yet, a page that cannot be shown stands alone. */
const root = createRootRoute({
  component: Root,
  notFoundComponent: () => (
    <Alone>
      <NotThere />
    </Alone>
  ),
  errorComponent: (props) => (
    <Alone>
      <Broken {...props} />
    </Alone>
  ),
})

/** Pages outside: nobody need be signed in. */
const outside = <P extends string>(path: P) =>
  ({ getParentRoute: () => root, path, validateSearch: nextOf }) as const
const nextOf = (search: Record<string, unknown>): { next?: string } => {
  const next = ownPath(search.next)
  return next ? { next } : {}
}

const signIn = createRoute({
  ...outside('/sign-in'),
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in.tsx'), 'SignIn'),
})
const signUp = createRoute({
  ...outside('/sign-up'),
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-up.tsx'), 'SignUp'),
})
const verify = createRoute({
  ...outside('/verify'),
  component: lazyRouteComponent(() => import('./pages/sign-in/verify.tsx'), 'Verify'),
})
const forgot = createRoute({
  ...outside('/forgot'),
  component: lazyRouteComponent(() => import('./pages/sign-in/forgot.tsx'), 'Forgot'),
})
const invitation = createRoute({
  ...outside('/invitation'),
  component: lazyRouteComponent(() => import('./pages/invitation/invitation.tsx'), 'Invitation'),
})
const reset = createRoute({
  ...outside('/reset'),
  component: lazyRouteComponent(() => import('./pages/sign-in/reset.tsx'), 'Reset'),
})

/** Pages inside: for somebody who is signed in and acts in an account. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery)
    const isIn = session?.account && !session.second_factor.needed
    const next = ownPath(location.href)
    if (!isIn) throw redirect({ to: '/sign-in', search: next && next !== '/' ? { next } : {} })
  },
})

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  loader: () => void queryClient.prefetchQuery(latestOrdersQuery({}, 20)),
  component: lazyRouteComponent(() => import('./pages/home/home.tsx'), 'Home'),
})
const buy = createRoute({
  getParentRoute: () => inside,
  path: '/buy',
  validateSearch: (search: Record<string, unknown>): { q?: string; kind?: string } => {
    const [q, kind] = [text(search.q), text(search.kind)]
    return { ...(q ? { q } : {}), ...(kind ? { kind } : {}) }
  },
  component: lazyRouteComponent(() => import('./pages/buy/buy.tsx'), 'Buy'),
})

const filterKeys = [
  ...(['state', 'kind', 'service', 'country', 'q'] as const),
  ...(['phone', 'reference', 'created_after', 'created_before'] as const),
]
const orders = createRoute({
  getParentRoute: () => inside,
  path: '/orders',
  validateSearch: (search: Record<string, unknown>): ShownFilter =>
    Object.fromEntries(
      filterKeys.map((key) => [key, text(search[key])]).filter(([, value]) => value !== undefined),
    ),
  component: lazyRouteComponent(() => import('./pages/orders/orders.tsx'), 'Orders'),
})
const order = createRoute({
  getParentRoute: () => inside,
  path: '/orders/$id',
  loader: ({ params }) => queryClient.ensureQueryData(orderQuery(params.id)),
  component: lazyRouteComponent(() => import('./pages/order/order.tsx'), 'OrderPage'),
})

const day = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined
const wallet = createRoute({
  getParentRoute: () => inside,
  path: '/wallet',
  validateSearch: (search: Record<string, unknown>): { from?: string; to?: string } => {
    const [from, to] = [day(search.from), day(search.to)]
    return { ...(from ? { from } : {}), ...(to ? { to } : {}) }
  },
  component: lazyRouteComponent(() => import('./pages/wallet/wallet.tsx'), 'Wallet'),
})
const deposit = createRoute({
  getParentRoute: () => inside,
  path: '/wallet/deposits/$id',
  loader: ({ params }) => queryClient.ensureQueryData(depositQuery(params.id)),
  component: lazyRouteComponent(() => import('./pages/wallet/deposit.tsx'), 'DepositPage'),
})

/** The pages of the settings: each has an address and a chunk. */
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'Settings'),
})
const profile = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/settings/profile.tsx'), 'Profile'),
})
const security = createRoute({
  getParentRoute: () => settings,
  path: '/security',
  component: lazyRouteComponent(() => import('./pages/settings/security.tsx'), 'Security'),
})
const team = createRoute({
  getParentRoute: () => settings,
  path: '/team',
  component: lazyRouteComponent(() => import('./pages/settings/team.tsx'), 'Team'),
})
const notifications = createRoute({
  getParentRoute: () => settings,
  path: '/notifications',
  component: lazyRouteComponent(
    () => import('./pages/settings/notifications.tsx'),
    'Notifications',
  ),
})

const rentals = createRoute({
  getParentRoute: () => inside,
  path: '/rentals',
  validateSearch: (search: Record<string, unknown>): { kind?: string } => {
    const kind = text(search.kind)
    return kind ? { kind } : {}
  },
  component: lazyRouteComponent(() => import('./pages/rentals/rentals.tsx'), 'Rentals'),
})
const rental = createRoute({
  getParentRoute: () => rentals,
  path: '/$id',
  loader: ({ params }) => queryClient.ensureQueryData(orderQuery(params.id)),
  component: lazyRouteComponent(() => import('./pages/rentals/conversation.tsx'), 'Conversation'),
})

const developers = createRoute({
  getParentRoute: () => inside,
  path: '/developers',
  component: lazyRouteComponent(() => import('./pages/developers/developers.tsx'), 'Developers'),
})
const keys = createRoute({
  getParentRoute: () => developers,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/developers/keys.tsx'), 'Keys'),
})
const webhooks = createRoute({
  getParentRoute: () => developers,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./pages/developers/webhooks.tsx'), 'Webhooks'),
})
const webhook = createRoute({
  getParentRoute: () => developers,
  path: '/webhooks/$id',
  validateSearch: (search: Record<string, unknown>): { state?: string } => {
    const state = text(search.state)
    return state ? { state } : {}
  },
  component: lazyRouteComponent(() => import('./pages/developers/webhook.tsx'), 'WebhookPage'),
})
const examples = createRoute({
  getParentRoute: () => developers,
  path: '/examples',
  validateSearch: (search: Record<string, unknown>): { api?: string; language?: string } => {
    const [name, language] = [text(search.api), text(search.language)]
    return { ...(name ? { api: name } : {}), ...(language ? { language } : {}) }
  },
  component: lazyRouteComponent(() => import('./pages/developers/examples.tsx'), 'Examples'),
})
const requests = createRoute({
  getParentRoute: () => developers,
  path: '/requests',
  validateSearch: (
    search: Record<string, unknown>,
  ): { status?: string; key?: string; path?: string } => {
    const [status, key, path] = [text(search.status), text(search.key), text(search.path)]
    return { ...(status ? { status } : {}), ...(key ? { key } : {}), ...(path ? { path } : {}) }
  },
  component: lazyRouteComponent(() => import('./pages/developers/requests.tsx'), 'Requests'),
})
const usage = createRoute({
  getParentRoute: () => developers,
  path: '/usage',
  validateSearch: (search: Record<string, unknown>): { days?: string; by?: string } => {
    const [days, by] = [text(search.days), text(search.by)]
    return { ...(days ? { days } : {}), ...(by ? { by } : {}) }
  },
  component: lazyRouteComponent(() => import('./pages/developers/usage.tsx'), 'UsagePage'),
})

/** Every other address, so that the frame stays. */
const nothing = createRoute({
  getParentRoute: () => inside,
  path: '$',
  component: NotThere,
})

/** The query of an address as it is: every value is a text. */
const readQuery = (query: string) => Object.fromEntries(new URLSearchParams(query))
const writeQuery = (search: Record<string, unknown>) => {
  const query = new URLSearchParams(
    Object.entries(search).flatMap(([key, value]) =>
      value === undefined || value === null ? [] : [[key, String(value)]],
    ),
  ).toString()
  return query === '' ? '' : `?${query}`
}

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    signUp,
    verify,
    forgot,
    reset,
    invitation,
    inside.addChildren([
      ...[home, buy, orders, order, wallet, deposit],
      rentals.addChildren([rental]),
      developers.addChildren([keys, webhooks, webhook, requests, examples, usage]),
      settings.addChildren([profile, security, team, notifications]),
      nothing,
    ]),
  ]),
  basepath: '/app',
  parseSearch: readQuery,
  stringifySearch: writeQuery,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultPendingComponent: Pending,
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotThere,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

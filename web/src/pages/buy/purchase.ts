// Buying: once for each wish, then to the order; several go to the list.
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { type Offer, type Order, queryClient } from '../../api/queries.ts'
import { putOrder, refreshMoney } from '../../live/apply.ts'

type Wish = {
  readonly offer: Offer
  readonly quantity: number
  /** Inboxes: who sends the mail. */
  readonly site?: string | undefined
}

export type Purchase = {
  /** The offer that is being bought. */
  readonly buying: number | null
  readonly error: unknown
  buy(offer: Offer, quantity: number, site?: string): void
}

/** Seconds to wait for a number that another platform is asked for. */
const waitS = 10

export function usePurchase(): Purchase {
  const navigate = useNavigate()
  const purchase = useMutation({
    mutationFn: ({ offer, quantity, site }: Wish) =>
      asOneIntent(`buy ${offer.id} ${quantity} ${site ?? ''}`, async (headers) => {
        const answer = await take(
          api.POST('/v1/orders', {
            params: {
              query: { wait: waitS },
              header: headers,
            },
            body: {
              offer_id: offer.id,
              // A price that has risen meanwhile is not paid unseen.
              max_price: offer.price,
              ...(quantity > 1 ? { quantity } : {}),
              ...(site ? { site } : {}),
            } as never,
          }),
        )
        return ('orders' in answer ? answer.orders : [answer]) as Order[]
      }),
    onSuccess: (orders) => {
      for (const order of orders) putOrder(order)
      refreshMoney()
      void queryClient.invalidateQueries({ queryKey: ['orders'] })
      void queryClient.invalidateQueries({ queryKey: ['offers'] })
      const [first] = orders
      if (orders.length === 1 && first)
        void navigate({ to: '/orders/$id', params: { id: first.id } })
      else void navigate({ to: '/orders' })
    },
    onError: () => void queryClient.invalidateQueries({ queryKey: ['offers'] }),
  })
  return {
    buying: purchase.isPending ? purchase.variables.offer.id : null,
    error: purchase.error,
    buy(offer, quantity, site) {
      if (!purchase.isPending) purchase.mutate({ offer, quantity, site })
    },
  }
}

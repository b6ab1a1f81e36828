// Keeps a service in a country at hand, and lets it go again.
import { useLingui } from '@lingui/react/macro'
import { ActionIcon } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { type Country, queryClient, type Service } from '../../api/queries.ts'
import { Icon } from '../../parts/icon.tsx'

export const pinsQuery = queryOptions({
  queryKey: ['pins'],
  queryFn: ({ signal }) => take(api.GET('/v1/pins', { signal })).then((list) => list.data),
})

export const lastUsedQuery = queryOptions({
  queryKey: ['orders', 'last-used'],
  queryFn: ({ signal }) => take(api.GET('/v1/last-used', { signal })).then((list) => list.data),
})

type Props = { readonly service: Service; readonly country: Country }

export function Pin({ service, country }: Props) {
  const { t } = useLingui()
  const { data: pins } = useQuery(pinsQuery)
  const pin = pins?.find(
    (one) => one.service === service.slug && one.country === country.code && one.pool === null,
  )
  const toggle = useMutation({
    mutationFn: async () => {
      if (pin) await take(api.DELETE('/v1/pins/{id}', { params: { path: { id: pin.id } } }))
      else
        await asOneIntent(`pin ${service.slug} ${country.code}`, (header) =>
          take(
            api.POST('/v1/pins', {
              params: { header },
              body: { service: service.slug, country: country.code },
            }),
          ),
        )
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: pinsQuery.queryKey }),
  })
  const label = pin ? t`Unpin` : t`Pin: keep it at hand`
  return (
    <ActionIcon
      variant="subtle"
      size={28}
      aria-label={label}
      title={label}
      aria-pressed={pin !== undefined}
      loading={toggle.isPending}
      onClick={() => toggle.mutate()}
    >
      <Icon name="pin" size={15} />
    </ActionIcon>
  )
}

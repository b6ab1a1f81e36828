// What services, countries, operators and pools are called, from the catalogue that is kept for all pages.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { countriesQuery, servicesQuery } from '../api/queries.ts'

const known: Readonly<Record<string, string>> = {
  tmobile: 'T-Mobile',
  att: 'AT&T',
  o2: 'O2',
  ee: 'EE',
}

const titled = (slug: string) =>
  known[slug] ??
  slug.replace(/[_-]+/g, ' ').replace(/(?<!\p{L})\p{Ll}/gu, (letter) => letter.toUpperCase())

export type Names = {
  service(slug: string | null): string
  country(code: string | null): string
  operator(slug: string | null): string
}

/** Names by their slugs and codes; before the catalogue is there, what the slug says. */
export function useNames(): Names {
  const { t } = useLingui()
  const { data: services } = useQuery(servicesQuery)
  const { data: countries } = useQuery(countriesQuery)
  return useMemo(() => {
    const serviceNames = new Map(services?.map(({ slug, name }) => [slug, name]))
    const countryNames = new Map(countries?.map(({ code, name }) => [code, name]))
    return {
      service: (slug) => (slug === null ? t`eSIM` : (serviceNames.get(slug) ?? titled(slug))),
      country: (code) => (code === null ? '' : (countryNames.get(code) ?? code)),
      operator: (slug) => (slug === null || slug === 'any' ? t`any network` : titled(slug)),
    }
  }, [services, countries, t])
}

/** Two letters that stand for a service. */
export const markOf = (name: string) => {
  const words = name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ').split(/[^\p{L}\p{N}]+/u)
  const [first = '', second = ''] = words.filter(Boolean)
  return second === '' ? first.slice(0, 2) : `${first[0] ?? ''}${second[0]?.toLowerCase() ?? ''}`
}

// The links of a message as they are stored with it.
import { findLinks, type Link, type LinkSource } from '../codes/links.ts'
import { clean } from './store.ts'

const maxUrlLength = 4_000
const maxShownLength = 400

/** The links that a message wants followed, in a form that the database takes. */
export function linksIn(source: LinkSource): readonly Link[] {
  return findLinks(source)
    .filter(({ url }) => url.length <= maxUrlLength)
    .map(({ url, text }) => ({ url, text: text === null ? null : clean(text, maxShownLength) }))
}

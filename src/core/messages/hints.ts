// What is known of a message before its code is looked for: rules and names of its service, and all names.
import type { Catalog, Service } from '../catalog/catalog.ts'
import { knownNames } from '../catalog/names.ts'
import type { CodeSource } from '../codes/extract.ts'
import { KnownNames } from '../codes/names.ts'

export type Hints = Pick<CodeSource, 'rules' | 'service' | 'names'>

const ofCatalog = new WeakMap<Catalog, KnownNames>()
const ofService = new WeakMap<Service, KnownNames>()

let all: KnownNames | null = null

/** What services and senders are called, without those that only an installation has. */
export function allNames(): KnownNames {
  all ??= new KnownNames(knownNames())
  return all
}

/** The hints for a message of a service, or for one of an unknown service. */
export function hintsOf(catalog: Catalog, service: Service | undefined): Hints {
  const names = remembered(ofCatalog, catalog, () => [
    ...knownNames(),
    ...catalog.services.flatMap(namesOf),
  ])
  if (!service) return { names }
  return {
    names,
    rules: service.rules,
    service: remembered(ofService, service, () => namesOf(service)),
  }
}

/** What a service is called, and what its senders are called. */
export function namesOf({ name, senders }: Pick<Service, 'name' | 'senders'>): string[] {
  return [name, ...senders].filter((one) => /\p{L}/u.test(one))
}

function remembered<K extends object>(
  known: WeakMap<K, KnownNames>,
  key: K,
  names: () => Iterable<string>,
): KnownNames {
  const made = known.get(key) ?? new KnownNames(names())
  known.set(key, made)
  return made
}

// What is known of a message before its code is looked for: rules and names of its service, and all names.
import type { Catalog, Service } from '../catalog/catalog.ts'
import { knownNames } from '../catalog/names.ts'
import { type CodeSource, extractCode } from '../codes/extract.ts'
import { KnownNames } from '../codes/names.ts'

export type Hints = Pick<CodeSource, 'rules' | 'service' | 'names'>

let all: KnownNames | null = null
let listed: ReadonlySet<string> | null = null
const ofCatalog = new WeakMap<Catalog, KnownNames>()
const ofService = new WeakMap<Service, KnownNames>()
/** Catalogs are read anew every few seconds, and their names hardly ever change. */
let last: { readonly own: string; readonly names: KnownNames } | null = null

/** Reads words, names and the model, and compiles the expressions: otherwise the first search has to wait. */
export function prepareSearch(): void {
  extractCode({ text: 'Your code is 123 456. It expires in 10 minutes.', names: allNames() })
}

/** What services and senders are called, without those that only an installation has. */
export function allNames(): KnownNames {
  all ??= new KnownNames(knownNames())
  return all
}

/** The hints for a message of a service, or for one of an unknown service. */
export function hintsOf(catalog: Catalog, service: Service | undefined): Hints {
  const names = remembered(ofCatalog, catalog, () => namesIn(catalog))
  if (!service) return { names }
  return {
    names,
    rules: service.rules,
    service: remembered(ofService, service, () => new KnownNames(namesOf(service))),
  }
}

/** What a service is called, and what its senders are called. */
export function namesOf({ name, senders }: Pick<Service, 'name' | 'senders'>): string[] {
  return [name, ...senders].filter((one) => /\p{L}/u.test(one))
}

/** All names, with those that only this installation has. */
function namesIn({ services }: Catalog): KnownNames {
  listed ??= new Set(knownNames())
  const known = listed
  const own = services.flatMap(namesOf).filter((name) => !known.has(name.trim()))
  if (own.length === 0) return allNames()
  const key = JSON.stringify(own)
  if (last?.own !== key) last = { own: key, names: new KnownNames([...known, ...own]) }
  return last.names
}

function remembered<K extends object>(
  known: WeakMap<K, KnownNames>,
  key: K,
  make: () => KnownNames,
): KnownNames {
  const made = known.get(key) ?? make()
  known.set(key, made)
  return made
}

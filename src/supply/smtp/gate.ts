// Who may be connected: so many of an address and of a network, and nobody for long without sending mail.
// When all places are taken, the network that has most of them makes room.
import { networkOf } from './network.ts'

export type GateLimits = {
  readonly connections: number
  readonly ofOneNetwork: number
  readonly ofOneAddress: number
  /** From the connection to the sender's first words. */
  readonly greetingMs: number
  /** From one step to the next: MAIL, RCPT, DATA, the next MAIL. Other commands are no step. */
  readonly stepMs: number
}

export const gateLimits: GateLimits = {
  connections: 400,
  ofOneNetwork: 100,
  ofOneAddress: 50,
  greetingMs: 10_000,
  stepMs: 30_000,
}

/** A connection as the gate sees it. */
export type Guest = {
  readonly id: string
  readonly address: string
  /** Whether the sender has said who it is. */
  readonly hasGreeted: () => boolean
  /** Ends the connection, with an answer that says why. */
  readonly end: (why: string) => void
}

type Place = {
  readonly guest: Guest
  readonly network: string
  timer: NodeJS.Timeout | null
  /** While a mail comes in or is stored it is not put out. */
  isBusy: boolean
}

/** Counts connections, ends those that do not get on, and makes room. */
export class Gate {
  readonly #places = new Map<string, Place>()
  readonly #limits: GateLimits

  constructor(limits: GateLimits) {
    this.#limits = limits
  }

  /** @returns why the connection is refused, or null: then it has a place */
  admit(guest: Guest): string | null {
    const network = networkOf(guest.address)
    const places = [...this.#places.values()]
    const ofAddress = places.filter((place) => place.guest.address === guest.address)
    if (ofAddress.length >= this.#limits.ofOneAddress)
      return 'Too many connections from this address'
    const ofNetwork = places.filter((place) => place.network === network)
    if (ofNetwork.length >= this.#limits.ofOneNetwork)
      return 'Too many connections from this network'
    if (places.length >= this.#limits.connections && !this.#makeRoom(places))
      return 'Too many connections; try again later'
    const place: Place = { guest, network, timer: null, isBusy: false }
    this.#places.set(guest.id, place)
    this.#wait(place, this.#limits.greetingMs, () => {
      if (!guest.hasGreeted()) return this.#end(place, 'Timeout - no greeting')
      this.#wait(place, this.#limits.stepMs, () => this.#end(place, 'Timeout - no mail'))
    })
    return null
  }

  /** The connection has got on by a step. */
  step(id: string): void {
    const place = this.#places.get(id)
    if (!place) return
    place.isBusy = false
    this.#wait(place, this.#limits.stepMs, () => this.#end(place, 'Timeout - closing connection'))
  }

  /** A mail comes in: how long that may take is watched by whoever reads it. */
  busy(id: string): void {
    const place = this.#places.get(id)
    if (!place) return
    place.isBusy = true
    if (place.timer) clearTimeout(place.timer)
  }

  leave(id: string): void {
    const place = this.#places.get(id)
    if (place?.timer) clearTimeout(place.timer)
    this.#places.delete(id)
  }

  #wait(place: Place, ms: number, over: () => void) {
    if (place.timer) clearTimeout(place.timer)
    place.timer = setTimeout(over, ms).unref()
  }

  #end(place: Place, why: string) {
    this.leave(place.guest.id)
    place.guest.end(why)
  }

  /** Puts out the oldest idle connection of the network that has the most. */
  #makeRoom(places: readonly Place[]): boolean {
    const counts = new Map<string, number>()
    for (const { network } of places) counts.set(network, (counts.get(network) ?? 0) + 1)
    const count = ({ network }: Place) => counts.get(network) ?? 0
    const [last] = places.filter((place) => !place.isBusy).sort((a, b) => count(b) - count(a))
    if (last) this.#end(last, 'Too many connections; try again later')
    return last !== undefined
  }
}
